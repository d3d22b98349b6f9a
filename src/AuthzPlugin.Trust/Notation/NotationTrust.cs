using AuthzPlugin.Trust.Notation.Revocation;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Notation;

/// <summary>The manifest or index that must be signed, as the registry has it.</summary>
/// <param name="Size">In bytes.</param>
public sealed record NotationTarget(Digest Digest, string MediaType, long Size);

/// <summary>Everything that decides whether a signature counts.</summary>
public sealed record NotationTrust
{
    public required NotationStatement Statement { get; init; }

    /// <summary>The certificates of the stores that the statement names.</summary>
    public required IReadOnlyDictionary<NotationStoreName, IReadOnlyList<NotationCertificate>> Stores { get; init; }

    /// <summary>What is known of revoked certificates; nothing is known of one that can be revoked and that it says nothing of.</summary>
    public RevocationKnowledge Revocation { get; init; } = RevocationKnowledge.None;

    /// <summary>What the signed payload must say beside the digest, exactly.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>How old a signature may be, by a time that is not the signer's own word; null: any age.</summary>
    public TimeSpan? MaxAge { get; init; }

    internal IEnumerable<(NotationStoreName Store, NotationCertificate Certificate)> Anchors(NotationStoreKind kind) =>
        from store in Statement.Stores
        where store.Kind == kind && Stores.ContainsKey(store)
        from certificate in Stores[store]
        select (store, certificate);
}
