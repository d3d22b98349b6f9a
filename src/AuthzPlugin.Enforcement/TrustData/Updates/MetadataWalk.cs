using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Updates;

/// <summary>A verified repository and the files that it was made from.</summary>
internal sealed record UpdatedMetadata(VerifiedRepository Verified, MetadataFiles Files)
{
    /// <summary>Look-ups in it; what they keep lives as long as the data.</summary>
    public SignedTags Tags { get; } = new(Verified);
}

/// <summary>From a completed root to the verified repository: timestamp, snapshot, targets, delegations (TUF 5.4 to 5.6).</summary>
internal static class MetadataWalk
{
    /// <exception cref="RepositoryException">A file breaks a rule or is missing.</exception>
    public static async Task<UpdatedMetadata> LoadAsync(
        TrustedMetadataSet set, byte[] root, byte[] timestamp, IMetadataSource source, CancellationToken cancellation)
    {
        var files = new Dictionary<RoleName, byte[]> { [RoleName.Root] = root, [RoleName.Timestamp] = timestamp };
        set.LoadTimestamp(timestamp);

        var snapshot = await source.GetAsync(RoleName.Snapshot, set.SnapshotMeta, cancellation).ConfigureAwait(false);
        set.LoadSnapshot(snapshot);
        files[RoleName.Snapshot] = snapshot;

        var targets = await source.GetAsync(RoleName.Targets, Meta(set, RoleName.Targets), cancellation).ConfigureAwait(false);
        set.LoadTargets(targets);
        files[RoleName.Targets] = targets;

        while (set.PendingDelegations is [var role, ..])
        {
            var file = await source.GetAsync(role, Meta(set, role), cancellation).ConfigureAwait(false);

            // A dropped delegation is kept too: its hash is the one that the snapshot signed, and without the file
            // the cached copy could not be verified again when the server is away.
            set.LoadDelegation(role, file);
            files[role] = file;
        }

        return new UpdatedMetadata(set.Complete(), new MetadataFiles(files));
    }

    private static FileMeta Meta(TrustedMetadataSet set, RoleName role) =>
        set.MetaFor(role) ?? throw new RepositoryException(RepositoryFault.MissingMetadata, $"the snapshot does not list {role}", role.Text);
}
