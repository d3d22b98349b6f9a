using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Verification;

/// <summary>
/// The trust data of one repository after every rule was applied: immutable, safe to share between threads.
/// It says what was true at <see cref="ReferenceTime"/>; whoever keeps it watches <see cref="EarliestExpiry"/>.
/// </summary>
public sealed class VerifiedRepository
{
    internal VerifiedRepository()
    {
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

    /// <summary>Roles that had expired already and were allowed; empty otherwise.</summary>
    public required IReadOnlyList<RoleName> ExpiredRoles { get; init; }

    /// <summary>Delegations that say nothing because their file is expired or under-signed.</summary>
    public required IReadOnlyList<DroppedDelegation> DroppedDelegations { get; init; }

    /// <summary>Roles among <c>timestamp</c> and <c>snapshot</c> whose keys a new root changed: stored floors of these roles fall.</summary>
    public required IReadOnlySet<RoleName> RotatedRoles { get; init; }

    /// <summary>Tags that <see cref="FindTag"/> answers.</summary>
    public int TagCount => throw new NotImplementedException();

    /// <summary>The signed digest of a tag, or null when no role that counts signs it.</summary>
    public TrustedTag? FindTag(string tag) => throw new NotImplementedException();

    /// <summary>The tags signed with this digest (each with the digest that <see cref="FindTag"/> gives), in ordinal order.</summary>
    public IReadOnlyList<TrustedTag> FindDigest(Digest digest) => throw new NotImplementedException();

    /// <summary>Every role that contains the tag and may speak about it, those that do not count for decisions included.</summary>
    public IReadOnlyList<RoleName> TagRoles(string tag) => throw new NotImplementedException();
}
