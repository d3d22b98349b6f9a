using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The highest version of each role that was ever verified for a repository: the memory that stops rollback.
/// A role that is not in it has the floor 1.
/// </summary>
public sealed class VersionFloors
{
    private readonly Dictionary<RoleName, long> _versions;
    private readonly Dictionary<RoleName, string> _keySets;

    public VersionFloors(IEnumerable<KeyValuePair<RoleName, long>> versions)
        : this(versions, [])
    {
    }

    /// <param name="keySets">Whose signatures the versions of <c>timestamp</c> and <c>snapshot</c> had, as
    /// <see cref="VerifiedRepository.KeySets"/> says; where it is not known, the floor falls only with a rotation that is seen.</param>
    public VersionFloors(IEnumerable<KeyValuePair<RoleName, long>> versions, IEnumerable<KeyValuePair<RoleName, string>> keySets)
    {
        _versions = new(versions);
        _keySets = new(keySets);
    }

    /// <summary>Nothing was verified before.</summary>
    public static VersionFloors None { get; } = new([]);

    /// <summary>The lowest version that may be accepted; 1 when the role was never seen.</summary>
    public long For(RoleName role) => _versions.GetValueOrDefault(role, 1);

    /// <summary>Whether metadata of the role was verified before.</summary>
    public bool Knows(RoleName role) => _versions.ContainsKey(role);

    /// <summary>Whether the floor of the role belongs to other keys than these.</summary>
    internal bool BelongsToOtherKeys(RoleName role, RoleKeys keys) =>
        _keySets.TryGetValue(role, out var known) && known != keys.SetId;
}
