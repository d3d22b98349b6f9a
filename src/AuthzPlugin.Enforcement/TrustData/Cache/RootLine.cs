using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// One line of roots of a repository, from a first root that the policy pinned through every rotation: who signs it now,
/// and the highest version of each role that was verified.
/// </summary>
internal sealed record RootLine(
    IReadOnlyList<string> RootKeyIds,
    IReadOnlyList<string> RootCertificateIds,
    IReadOnlyDictionary<RoleName, long> Versions)
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
        foreach (var (role, version) in verified.Versions)
        {
            versions[role] = verified.RotatedRoles.Contains(role) ? version : Math.Max(version, versions.GetValueOrDefault(role));
        }

        return new RootLine(verified.RootKeyIds, verified.RootCertificateIds, versions);
    }

    /// <summary>Whether the same keys in the same certificates sign both.</summary>
    public bool HasSignersOf(RootLine other) =>
        RootKeyIds.SequenceEqual(other.RootKeyIds) && RootCertificateIds.SequenceEqual(other.RootCertificateIds);

    /// <summary>The higher version of each role.</summary>
    public RootLine HighestOf(RootLine other) => this with
    {
        Versions = Versions.Concat(other.Versions).GroupBy(v => v.Key).ToDictionary(v => v.Key, v => v.Max(one => one.Value)),
    };

    public static RootLine Of(VerifiedRepository verified) =>
        new(verified.RootKeyIds, verified.RootCertificateIds, new Dictionary<RoleName, long>(verified.Versions));
}
