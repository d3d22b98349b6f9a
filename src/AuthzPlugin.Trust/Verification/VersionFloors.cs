using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The highest version of each role that was ever verified for a repository: the memory that stops rollback.
/// A role that is not in it has the floor 1.
/// </summary>
public sealed class VersionFloors
{
    private readonly Dictionary<RoleName, long> _versions;

    public VersionFloors(IEnumerable<KeyValuePair<RoleName, long>> versions) => _versions = new(versions);

    /// <summary>Nothing was verified before.</summary>
    public static VersionFloors None { get; } = new([]);

    /// <summary>The lowest version that may be accepted; 1 when the role was never seen.</summary>
    public long For(RoleName role) => _versions.GetValueOrDefault(role, 1);

    /// <summary>Whether metadata of the role was verified before.</summary>
    public bool Knows(RoleName role) => _versions.ContainsKey(role);
}
