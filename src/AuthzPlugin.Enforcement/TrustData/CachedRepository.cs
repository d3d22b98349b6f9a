using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>What is kept of a repository.</summary>
/// <param name="Bytes">Size of its cached files; 0: none are cached, its versions are remembered.</param>
/// <param name="CheckedAt">When its timestamp was last checked with the server.</param>
/// <param name="MissingSince">When the server first said that it has none; null while it has.</param>
/// <param name="RootKeyIds">Canonical ids of the root keys that signed the newest root that was verified.</param>
/// <param name="Versions">By role: nothing below is accepted.</param>
public sealed record CachedRepository(
    RepositoryName Repository,
    long Bytes,
    DateTimeOffset? CheckedAt,
    DateTimeOffset? MissingSince,
    IReadOnlyList<string> RootKeyIds,
    IReadOnlyDictionary<string, long> Versions)
{
    /// <summary>When the first of its cached files expires; null when none are cached, or an older version of this program cached them.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
