using System.Diagnostics.CodeAnalysis;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Why a signature does not count.</summary>
public enum NotationFault
{
    /// <summary>Not of its format, or over a limit.</summary>
    Malformed,

    /// <summary>An attribute that must be understood is not known here.</summary>
    UnknownCritical,

    /// <summary>It wants a verification plugin.</summary>
    NeedsPlugin,

    /// <summary>The signature is not good, or made by another algorithm than the certificate's key has.</summary>
    BadSignature,

    /// <summary>A certificate, or their order, breaks the rules of the specification.</summary>
    BadCertificates,

    /// <summary>A good signature over another digest, size or media type.</summary>
    WrongDigest,

    /// <summary>A good signature without an annotation that is demanded, or with another value of it.</summary>
    WrongAnnotation,

    /// <summary>No certificate of the chain is in the trust store.</summary>
    Untrusted,

    /// <summary>The signing certificate belongs to nobody that the trust policy names.</summary>
    WrongIdentity,

    /// <summary>The signer's own expiry has come.</summary>
    Expired,

    /// <summary>It is not shown that the certificates were valid when it was made.</summary>
    Untimely,

    /// <summary>Older than the policy allows, or of an unknown age.</summary>
    TooOld,

    /// <summary>A certificate was revoked, or it is not known that it was not.</summary>
    Revoked,
}

/// <summary>What one signature says: who made it and until when that counts, or why it does not count.</summary>
public sealed record NotationFinding
{
    private NotationFinding(NotationCertificate? anchor, string signer, DateTimeOffset? until, NotationFault? fault, string detail)
    {
        Anchor = anchor;
        Signer = signer;
        Until = until;
        Fault = fault;
        Detail = detail;
    }

    /// <summary>The certificate of the trust store that it leads to; null when it does not count.</summary>
    public NotationCertificate? Anchor { get; }

    /// <summary>The subject of the signing certificate, not escaped; empty when the signature does not count.</summary>
    public string Signer { get; }

    /// <summary>The first moment at which it would be judged anew: a certificate, the signature or a list of revocations ends. Null: none.</summary>
    public DateTimeOffset? Until { get; }

    public NotationFault? Fault { get; }

    /// <summary>Half a sentence; text that is not from the policy is not escaped yet.</summary>
    public string Detail { get; }

    /// <summary>
    /// What could be asked about revocation and was not, of the signature's certificates and of its timestamp's. The finding is the one
    /// without the answers, and stricter than with good ones; with them there can be further questions.
    /// </summary>
    public IReadOnlyList<RevocationQuestion> Questions { get; internal init; } = [];

    /// <summary>It does not count because a certificate may be revoked; none is known to be.</summary>
    public bool MayBeRevoked { get; internal init; }

    [MemberNotNullWhen(true, nameof(Anchor))]
    public bool IsValid => Anchor is not null;

    internal static NotationFinding Valid(NotationCertificate anchor, string signer, DateTimeOffset? until, string detail) =>
        new(anchor, signer, until, null, detail);

    internal static NotationFinding Invalid(NotationFault fault, string detail) => new(null, "", null, fault, detail);
}
