using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Loads what a <see cref="TestRepository"/> publishes, as an updater without a cache does.</summary>
internal static class Loading
{
    internal static TrustedMetadataSet NewSet(
        this TestRepository repository,
        RootPin? pin = null,
        DateTimeOffset? now = null,
        VersionFloors? floors = null,
        bool allowExpired = false,
        MetadataLimits? limits = null) =>
        new(
            repository.Repository,
            pin ?? repository.Pin(),
            now ?? repository.Now,
            limits ?? MetadataLimits.Default,
            floors ?? VersionFloors.None,
            allowExpired);

    internal static VerifiedRepository LoadAll(this TrustedMetadataSet set, PublishedMetadata files)
    {
        set.LoadRoot(files["root"]);
        set.CompleteRoot();
        return set.LoadAllBelowRoot(files);
    }

    internal static VerifiedRepository LoadAllBelowRoot(this TrustedMetadataSet set, PublishedMetadata files)
    {
        set.LoadTimestamp(files["timestamp"]);
        set.LoadSnapshot(files["snapshot"]);
        set.LoadTargets(files["targets"]);
        set.LoadDelegations(files);
        return set.Complete();
    }

    internal static void LoadDelegations(this TrustedMetadataSet set, PublishedMetadata files)
    {
        while (set.PendingDelegations is { Count: > 0 } pending)
        {
            foreach (var role in pending)
            {
                set.LoadDelegation(role, files[role.Text]);
            }
        }
    }

    internal static VerifiedRepository Verify(this TestRepository repository) => repository.NewSet().LoadAll(repository.Publish());

    /// <summary>The load fails with this fault, about this role, with a message fit for a user.</summary>
    internal static RepositoryException Fails(RepositoryFault fault, string? role, Action load)
    {
        var exception = Assert.Throws<RepositoryException>(load);
        Assert.True(
            exception.Fault == fault && exception.Role == role,
            $"expected {fault} of {role}, got {exception.Fault} of {exception.Role}: {exception.Message}");
        Assert.True(IsFitForUsers(exception.Message), exception.Message);
        return exception;
    }

    internal static VersionFloors Floors(params IEnumerable<(string Role, long Version)> floors) =>
        new(floors.Select(f => KeyValuePair.Create(Role(f.Role), f.Version)));

    internal static RoleName Role(string text) =>
        RoleName.TryParse(text, out var role) ? role : throw new ArgumentException("not a role", nameof(text));

    private static bool IsFitForUsers(string message) =>
        char.IsAsciiLetterLower(message[0]) && !message.EndsWith('.') && message.All(c => c is >= ' ' and <= '~');
}
