using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The trust data of one repository after every rule was applied: immutable, safe to share between threads.
/// It says what was true at <see cref="ReferenceTime"/>; whoever keeps it watches <see cref="EarliestExpiry"/>.
/// </summary>
public sealed class VerifiedRepository
{
    private readonly IReadOnlyList<VerifiedTargets> _roles;
    private readonly VerifiedTargets? _targets;
    private readonly VerifiedTargets[] _releases;

    /// <summary>Those that tags are found in: <c>targets/releases</c>, then <c>targets</c>.</summary>
    private readonly VerifiedTargets[] _counting;

    /// <param name="roles">In the order of the walk: <c>targets</c> first.</param>
    internal VerifiedRepository(IReadOnlyList<VerifiedTargets> roles)
    {
        _roles = roles;
        _targets = roles.FirstOrDefault(r => r.Role == RoleName.Targets);
        _releases = [.. roles.Where(r => r.Role == RoleName.Releases || r.Role.IsUnder(RoleName.Releases))];
        _counting = [.. _releases.Where(r => r.Role == RoleName.Releases).Append(_targets).OfType<VerifiedTargets>()];
    }

    public required RepositoryName Repository { get; init; }

    /// <summary>The time that expiry was judged by.</summary>
    public required DateTimeOffset ReferenceTime { get; init; }

    /// <summary>Canonical ids of the pinned root keys that signed the root, in ordinal order; at least one.</summary>
    public required IReadOnlyList<string> RootKeyIds { get; init; }

    /// <summary>Ids of the certificate bundles of the same keys (what <c>docker trust inspect</c> shows), in ordinal order.</summary>
    public required IReadOnlyList<string> RootCertificateIds { get; init; }

    /// <summary>Version of every file that was verified.</summary>
    public required IReadOnlyDictionary<RoleName, long> Versions { get; init; }

    /// <summary>The first moment at which a file or a root certificate expires. In the past when expired data was allowed.</summary>
    public required DateTimeOffset EarliestExpiry { get; init; }

    /// <summary>
    /// The same without the timestamp, which a server signs anew once it has expired and not before (Notary 0.7 server,
    /// getMaybeServerSigned): what somebody has to renew.
    /// </summary>
    public required DateTimeOffset PublisherExpiry { get; init; }

    /// <summary>Roles that had expired already and were allowed; empty otherwise.</summary>
    public required IReadOnlyList<RoleName> ExpiredRoles { get; init; }

    /// <summary>Delegations that say nothing because their file is expired or under-signed.</summary>
    public required IReadOnlyList<DroppedDelegation> DroppedDelegations { get; init; }

    /// <summary>
    /// The keys that the root gives to <c>timestamp</c> and to <c>snapshot</c>, one text for each set: floors of these roles are bound to it.
    /// </summary>
    public required IReadOnlyDictionary<RoleName, string> KeySets { get; init; }

    /// <summary>
    /// Roles among <c>timestamp</c> and <c>snapshot</c> whose keys a new root changed: stored floors of these roles fall.
    /// </summary>
    public required IReadOnlySet<RoleName> RotatedRoles { get; init; }

    /// <summary>Tags that <see cref="FindTag"/> answers; counted each time.</summary>
    public int TagCount => _counting.Sum(r => Enumerable.Range(0, r.Tags.Count).Count(i => FindIn(r, r.Tags.Tag(i)) is not null));

    /// <summary>
    /// The signed digest of a tag, or null when no role that counts signs it: <c>targets/releases</c>, then <c>targets</c>.
    /// A role below <c>targets/releases</c> that has the tag hides it in <c>targets</c>, since the Docker CLI refuses such a tag.
    /// </summary>
    public TrustedTag? FindTag(string tag) =>
        Find(tag) is var (hash, role) ? new TrustedTag(tag, hash.ToDigest(), role) : null;

    /// <summary>The tags signed with this digest (each with the digest that <see cref="FindTag"/> gives), in ordinal order.</summary>
    public IReadOnlyList<TrustedTag> FindDigest(Digest digest)
    {
        var hash = Sha256Hash.Of(digest);
        return
        [
            .. _counting.SelectMany(r => r.Tags.Find(hash).Select(tag => FindIn(r, tag))).OfType<TrustedTag>().OrderBy(t => t.Tag, StringComparer.Ordinal),
        ];
    }

    /// <summary>Every role that contains the tag and may speak about it, those that do not count for decisions included.</summary>
    public IReadOnlyList<RoleName> TagRoles(string tag) =>
        [.. _roles.Where(r => r.TryFind(tag, out _)).Select(r => r.Role)];

    /// <summary>Who signed the role's file and who may; null when the data has no such role.</summary>
    public RoleSigners? SignersOf(RoleName role) => _roles.FirstOrDefault(r => r.Role == role)?.Signers;

    private (Sha256Hash Hash, RoleName Role)? Find(string tag)
    {
        foreach (var release in _releases)
        {
            if (release.TryFind(tag, out var hash))
            {
                return release.Role == RoleName.Releases && hash is { } value ? (value, release.Role) : null;
            }
        }

        return _targets is not null && _targets.TryFind(tag, out var found) && found is { } signed ? (signed, _targets.Role) : null;
    }

    /// <summary>The tag, if it is this role that speaks for it: a tag in both counts once.</summary>
    private TrustedTag? FindIn(VerifiedTargets listing, string tag) =>
        FindTag(tag) is { } found && found.Role == listing.Role ? found : null;
}
