using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// One line of roots of a repository, from a first root that the policy pinned through every rotation: who signs it now,
/// and the highest version of each role that was verified.
/// </summary>
/// <param name="KeySets">The keys that the versions of timestamp and snapshot belong to.</param>
internal sealed record RootLine(
    IReadOnlyList<string> RootKeyIds,
    IReadOnlyList<string> RootCertificateIds,
    IReadOnlyDictionary<RoleName, long> Versions,
    IReadOnlyDictionary<RoleName, string> KeySets)
{
    /// <summary>Whether the root keys that signed the line last are pinned.</summary>
    public bool Satisfies(RootPin pin) =>
        (pin.Kind == PinKind.RootKeys ? RootKeyIds : RootCertificateIds).Any(pin.Ids.Contains);

    /// <summary>
    /// With what was just verified: versions rise, except where a new root changed the keys of timestamp or snapshot
    /// (TUF 5.3.11: their floors fall, so that a fast-forward attack ends with the keys it used).
    /// </summary>
    public RootLine With(VerifiedRepository verified)
    {
        var versions = new Dictionary<RoleName, long>(Versions);
        var isNewer = verified.Versions[RoleName.Root] > RootVersion;
        foreach (var (role, version) in verified.Versions)
        {
            var fell = isNewer && (verified.RotatedRoles.Contains(role) || HasOtherKeys(role, verified.KeySets));
            versions[role] = fell ? version : Math.Max(version, versions.GetValueOrDefault(role));
        }

        return new RootLine(verified.RootKeyIds, verified.RootCertificateIds, versions, verified.KeySets);
    }

    /// <summary>Whether the same keys in the same certificates sign both.</summary>
    public bool HasSignersOf(RootLine other) =>
        RootKeyIds.SequenceEqual(other.RootKeyIds) && RootCertificateIds.SequenceEqual(other.RootCertificateIds);

    /// <summary>The higher version of each role; of roles whose keys changed meanwhile, the version of the newer root.</summary>
    public RootLine HighestOf(RootLine other)
    {
        var (older, newer) = RootVersion <= other.RootVersion ? (this, other) : (other, this);
        var versions = new Dictionary<RoleName, long>(newer.Versions);
        foreach (var (role, version) in older.Versions)
        {
            if (older.RootVersion == newer.RootVersion || !older.HasOtherKeys(role, newer.KeySets))
            {
                versions[role] = Math.Max(version, versions.GetValueOrDefault(role));
            }
        }

        return newer with { Versions = versions };
    }

    public static RootLine Of(VerifiedRepository verified) => new(
        verified.RootKeyIds, verified.RootCertificateIds, new Dictionary<RoleName, long>(verified.Versions), verified.KeySets);

    private long RootVersion => Versions.GetValueOrDefault(RoleName.Root);

    private bool HasOtherKeys(RoleName role, IReadOnlyDictionary<RoleName, string> keySets) =>
        KeySets.TryGetValue(role, out var mine) && keySets.TryGetValue(role, out var theirs) && mine != theirs;
}
