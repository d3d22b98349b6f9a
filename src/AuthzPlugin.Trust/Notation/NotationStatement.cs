namespace AuthzPlugin.Trust.Notation;

/// <summary>What a trust policy does with a check that fails.</summary>
public enum NotationAction
{
    /// <summary>The signature does not count.</summary>
    Enforce,

    /// <summary>It counts, and the failure is said.</summary>
    Log,

    /// <summary>The check is not made.</summary>
    Skip,
}

/// <summary>What the certificates of a trust store may speak for.</summary>
public enum NotationStoreKind
{
    /// <summary><c>ca</c>: signers, in the scheme <c>notary.x509</c>.</summary>
    Authority,

    /// <summary><c>signingAuthority</c>: signers in the scheme <c>notary.x509.signingAuthority</c>.</summary>
    SigningAuthority,

    /// <summary><c>tsa</c>: timestamp authorities.</summary>
    Timestamps,
}

/// <summary>A named trust store, <c>ca:acme-rockets</c>.</summary>
public sealed record NotationStoreName(NotationStoreKind Kind, string Name)
{
    /// <summary>Its folder inside a trust store, <c>x509/ca/acme-rockets</c>.</summary>
    public string Folder => $"x509/{KindName(Kind)}/{Name}";

    internal static NotationStoreKind? FindKind(string name) => name switch
    {
        "ca" => NotationStoreKind.Authority,
        "signingAuthority" => NotationStoreKind.SigningAuthority,
        "tsa" => NotationStoreKind.Timestamps,
        _ => null,
    };

    public override string ToString() => $"{KindName(Kind)}:{Name}";

    private static string KindName(NotationStoreKind kind) => kind switch
    {
        NotationStoreKind.Authority => "ca",
        NotationStoreKind.SigningAuthority => "signingAuthority",
        _ => "tsa",
    };
}

/// <summary>
/// One statement of a trust policy (trust-store-trust-policy.md, "OCI Trust Policy", version 1.0). Integrity is always enforced. So is
/// authenticity here, whatever the statement says: a signature of nobody who is trusted is no evidence.
/// </summary>
public sealed record NotationStatement
{
    public required string Name { get; init; }

    /// <summary>Repositories, or <c>*</c> alone.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>As written: <c>strict</c>, <c>permissive</c>, <c>audit</c>, <c>skip</c>.</summary>
    public required string Level { get; init; }

    /// <summary>Level <c>skip</c>: nothing is verified, so nothing counts as signed.</summary>
    public bool IsSkipped => Level == "skip";

    /// <summary>Level <c>audit</c> or an override says that authenticity is only logged. It is enforced all the same.</summary>
    public bool LogsAuthenticity { get; init; }

    public NotationAction AuthenticTimestamp { get; init; }

    public NotationAction Expiry { get; init; }

    public NotationAction Revocation { get; init; }

    /// <summary><c>verifyTimestamp: afterCertExpiry</c>: countersignatures are looked at only when a certificate has expired.</summary>
    public bool TimestampsAfterExpiryOnly { get; init; }

    public IReadOnlyList<NotationStoreName> Stores { get; init; } = [];

    /// <summary>Identities as they are written; empty: anybody whom the stores vouch for (<c>*</c>).</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Identities that only a plugin could compare; they match nobody.</summary>
    public IReadOnlyList<string> OtherIdentities { get; init; } = [];

    /// <summary>It applies to every repository that no other statement names.</summary>
    public bool IsGlobal => Scopes is ["*"];

    /// <summary>The names of which one must be a part of the signing certificate's subject.</summary>
    internal IReadOnlyList<DistinguishedName> Subjects { get; init; } = [];
}
