using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>A tag of a repository and the digest that a role signed for it.</summary>
/// <param name="SignerKeyIds">Ids of the keys that signed the role's file.</param>
public sealed record SignedTag(string Tag, Digest Digest, string Role, IReadOnlyList<string> SignerKeyIds);

/// <summary>
/// Verified trust data of one repository at one moment, under one pin: immutable, safe to share.
/// Only <c>targets/releases</c> and then <c>targets</c> speak for tags (decisions.md).
/// </summary>
/// <param name="Repository">The repository that the data speaks for.</param>
/// <param name="Tags">Look-ups by tag and by digest.</param>
/// <param name="RootKeyIds">Canonical ids of the pinned root keys that signed the root.</param>
/// <param name="RootCertificateIds">Certificate ids of the same keys.</param>
/// <param name="RootVersion">Version of the root that was verified.</param>
/// <param name="EarliestExpiry">The first moment at which some file of the data expires.</param>
/// <param name="CheckedAt">
/// When the timestamp was last checked with the server; null when that is not known, which is possible only where the policy
/// allows expired data.
/// </param>
/// <param name="FromCache">The server was not asked for this decision (fresh enough), or could not be.</param>
/// <param name="Stale">The server could not be asked and the data is older than <c>freshness</c>.</param>
/// <param name="ServerProblem">Why the server could not be asked, when <paramref name="Stale"/>.</param>
public sealed record SignedRepository(
    RepositoryName Repository,
    ISignedTags Tags,
    IReadOnlyList<string> RootKeyIds,
    IReadOnlyList<string> RootCertificateIds,
    long RootVersion,
    DateTimeOffset EarliestExpiry,
    DateTimeOffset? CheckedAt,
    bool FromCache,
    bool Stale,
    string? ServerProblem);

/// <summary>Look-ups in verified targets.</summary>
public interface ISignedTags
{
    /// <summary>The signed digest of a tag, from the first of <c>targets/releases</c>, <c>targets</c> that has it.</summary>
    SignedTag? FindTag(string tag);

    /// <summary>Present tags signed with this digest (a tag counts with the digest that <see cref="FindTag"/> gives), in ordinal order.</summary>
    IReadOnlyList<SignedTag> FindDigest(Digest digest);

    /// <summary>
    /// Every role whose verified file has the tag, those that do not count included: for messages such as
    /// "signed only in targets/qa, which is not a role that releases".
    /// </summary>
    IReadOnlyList<string> TagRoles(string tag);

    /// <summary>Whether enough of these keys may sign for the role still: a removed signer's may not.</summary>
    bool MaySign(string role, IReadOnlyList<string> keyIds);
}
