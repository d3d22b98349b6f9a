using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The walk over delegations: breadth first from <c>targets</c> (Notary 0.7 client, WalkTargets). A role that the snapshot does not list
/// has
/// published nothing and is passed over.
/// </summary>
internal sealed class DelegationWalk(SnapshotMetadata snapshot, VersionFloors floors, MetadataLimits limits)
{
    private readonly List<PendingDelegation> _pending = [];
    private readonly List<VerifiedTargets> _verified = [];
    private int _seen;

    /// <summary>Roles to load, in order.</summary>
    internal IReadOnlyList<PendingDelegation> Pending => _pending;

    /// <summary>Roles that were verified, in the order of the walk.</summary>
    internal IReadOnlyList<VerifiedTargets> Verified => _verified;

    /// <summary>Records the file of <c>targets</c> (paths <c>[""]</c>: everything) or of a pending role, and queues its children.</summary>
    internal void Add(RoleName role, IReadOnlyList<string> paths, TargetsMetadata metadata, RoleSigners signers)
    {
        var children = metadata.Delegations.Where(d => IsPublished(d.Role)).ToArray();
        if (_seen + children.Length > limits.Delegations)
        {
            throw new RepositoryException(
                RepositoryFault.Malformed, $"the repository has more than {limits.Delegations} delegations", role.Text);
        }

        Drop(role);
        _seen += children.Length;
        _verified.Add(new VerifiedTargets(role, paths, metadata.Tags, signers));
        _pending.AddRange(children.Select(c => new PendingDelegation(c, Restrict(c.Paths, paths))));
    }

    /// <summary>Takes a role out of the queue; what is below it is never reached.</summary>
    internal void Drop(RoleName role) => _pending.RemoveAll(p => p.Delegation.Role == role);

    /// <summary>
    /// Stricter than the Notary client: once <c>targets/releases</c> was verified, a snapshot without it is refused while <c>targets</c>
    /// still
    /// delegates to it. The server often holds the snapshot key, and leaving the role out would bring back old tags of <c>targets</c>.
    /// </summary>
    private bool IsPublished(RoleName role)
    {
        var listed = snapshot.Find(role) is not null;
        if (!listed && role == RoleName.Releases && floors.Knows(role))
        {
            throw new RepositoryException(
                RepositoryFault.MissingMetadata,
                $"the snapshot no longer lists {role}, which was verified before (version {floors.For(role)}) and is still delegated",
                role.Text);
        }

        return listed;
    }

    /// <summary>A delegation cannot speak for more than its parent does.</summary>
    private static string[] Restrict(IReadOnlyList<string> paths, IReadOnlyList<string> parentPaths) =>
        [.. paths.Where(p => parentPaths.Any(parent => p.StartsWith(parent, StringComparison.Ordinal)))];
}

/// <summary>A delegation to load, with the tag prefixes that are left to it.</summary>
internal sealed record PendingDelegation(Delegation Delegation, IReadOnlyList<string> Paths);
