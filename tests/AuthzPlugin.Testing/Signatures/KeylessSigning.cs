using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>How a signature is to be made, and what is to be wrong with it.</summary>
public sealed record KeylessSigning
{
    public string Issuer { get; init; } = SigstoreSimulator.Issuer;

    public string Subject { get; init; } = SigstoreSimulator.Subject;

    /// <summary>How the certificate names the subject: <c>uri</c>, <c>mail</c>, <c>user</c> or <c>dns</c>.</summary>
    public string SubjectKind { get; init; } = "uri";

    /// <summary>What the older of the two extensions says, when it is to say something else.</summary>
    public string? OlderIssuer { get; init; }

    public string Purpose { get; init; } = SimulatedAuthority.CodeSigning;

    public bool HasPromise { get; init; } = true;

    /// <summary>Another certificate transparency log than the simulator's.</summary>
    public SimulatedCertificateLog? CertificateLog { get; init; }

    /// <summary>Another authority than the simulator's.</summary>
    public SimulatedAuthority? Authority { get; init; }

    /// <summary>How long after the certificate's beginning the signature is logged and stamped.</summary>
    public TimeSpan LoggedAfter { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan StampedAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>An extension that nobody knows, and that is critical.</summary>
    public bool HasUnknownExtension { get; init; }
}

/// <summary>A short-lived certificate and its key.</summary>
public sealed record KeylessCertificate(X509Certificate2 Certificate, ECDsa Key, DateTimeOffset From)
{
    public byte[] Sign(byte[] message) => Key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public string Pem => PemEncoding.WriteString("CERTIFICATE", Certificate.RawData) + "\n";
}
