namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Why a signature with a certificate does not count.</summary>
public enum KeylessFault
{
    /// <summary>Not of its format, or over a limit.</summary>
    Malformed,

    /// <summary>Made with a key and not with a certificate.</summary>
    MadeWithKey,

    /// <summary>The certificate is not of a pinned authority, may not sign code, or was not valid at the attested time.</summary>
    WrongCertificate,

    /// <summary>Not made with the certificate's key.</summary>
    WrongSignature,

    /// <summary>The certificate is in no pinned certificate transparency log.</summary>
    NoCertificateLog,

    /// <summary>The signature is in no pinned log, or the entry is not about it.</summary>
    NotLogged,

    /// <summary>No pinned log or timestamp authority attests when it was made.</summary>
    NoTime,

    /// <summary>A good signature by somebody else.</summary>
    WrongIdentity,

    /// <summary>A good signature that says something else than "this image is signed".</summary>
    WrongType,

    /// <summary>A good signature over another digest.</summary>
    WrongDigest,

    /// <summary>A good signature without an annotation that is demanded, or with another value of it.</summary>
    WrongAnnotation,
}
