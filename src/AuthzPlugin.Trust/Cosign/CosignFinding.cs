using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>Why a signature does not count.</summary>
public enum CosignFault
{
    /// <summary>Not of its format, or over a limit.</summary>
    Malformed,

    /// <summary>Made with a certificate and not with a key.</summary>
    MadeWithCertificate,

    /// <summary>Made by none of the keys.</summary>
    WrongKey,

    /// <summary>A good signature that says something else than "this image is signed".</summary>
    WrongType,

    /// <summary>A good signature over another digest.</summary>
    WrongDigest,

    /// <summary>A good signature without an annotation that is demanded, or with another value of it.</summary>
    WrongAnnotation,
}

/// <summary>What one signature says: the key that made it, or why it does not count.</summary>
public sealed record CosignFinding
{
    private CosignFinding(CosignKey? key, CosignFault? fault, string detail)
    {
        Key = key;
        Fault = fault;
        Detail = detail;
    }

    /// <summary>The key whose signature is valid; null when it is not.</summary>
    public CosignKey? Key { get; }

    public CosignFault? Fault { get; }

    /// <summary>Half a sentence; text that is not from the policy is not escaped yet.</summary>
    public string Detail { get; }

    [MemberNotNullWhen(true, nameof(Key))]
    public bool IsValid => Key is not null;

    internal static CosignFinding Valid(CosignKey key) => new(key, null, $"made by key {key}");

    internal static CosignFinding Invalid(CosignFault fault, string detail) => new(null, fault, detail);
}
