using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Who signed, and when.</summary>
/// <param name="Identity">The identity of the policy that the certificate fits.</param>
/// <param name="SignedAt">The earliest time that a pinned log or timestamp authority attests.</param>
public sealed record KeylessSigner(KeylessIdentity Identity, string Issuer, string Subject, DateTimeOffset SignedAt);

/// <summary>One check of a signature that ended well.</summary>
/// <param name="Name"><c>certificate</c>, <c>sct</c>, <c>log</c>, <c>time</c>, <c>identity</c>.</param>
/// <param name="Detail">What was found; text that is not from the policy is not escaped yet.</param>
public sealed record KeylessCheck(string Name, string Detail);

/// <summary>What one signature with a certificate says: who made it, or why it does not count.</summary>
public sealed record KeylessFinding
{
    private KeylessFinding(KeylessSigner? signer, KeylessFault? fault, string detail, IReadOnlyList<KeylessCheck> checks)
    {
        Signer = signer;
        Fault = fault;
        Detail = detail;
        Checks = checks;
    }

    /// <summary>Whose signature it is; null when it does not count.</summary>
    public KeylessSigner? Signer { get; }

    public KeylessFault? Fault { get; }

    /// <summary>Half a sentence; text that is not from the policy is not escaped yet.</summary>
    public string Detail { get; }

    /// <summary>What was checked before the answer, in order.</summary>
    public IReadOnlyList<KeylessCheck> Checks { get; }

    [MemberNotNullWhen(true, nameof(Signer))]
    public bool IsValid => Signer is not null;

    internal static KeylessFinding Valid(KeylessSigner signer, IReadOnlyList<KeylessCheck> checks) =>
        new(signer, null, $"made by {signer.Subject} of {signer.Issuer} at {signer.SignedAt:u}", checks);

    internal static KeylessFinding Invalid(KeylessFault fault, string detail, IReadOnlyList<KeylessCheck> checks) => new(null, fault, detail, checks);
}
