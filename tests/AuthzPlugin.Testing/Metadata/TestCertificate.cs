using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>What a root certificate is made of. The defaults are what the Notary client makes, valid 2025 to 2035.</summary>
public sealed record TestCertificate
{
    public required string CommonName { get; init; }

    public DateTimeOffset NotBefore { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset NotAfter { get; init; } = new(2035, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An ECDSA key, or an RSA key.</summary>
    public AsymmetricAlgorithm Key { get; init; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Of the certificate's own signature.</summary>
    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    public bool IsCa { get; init; }

    /// <summary>The whole subject when the common name alone will not do.</summary>
    public X500DistinguishedName? Subject { get; init; }

    /// <summary>Certificates that follow the leaf in the key's bundle.</summary>
    public IReadOnlyList<TestCertificate> Intermediates { get; init; } = [];

    /// <summary>The certificate, self-signed.</summary>
    public byte[] ToDer()
    {
        var subject = Subject ?? SubjectOf(CommonName);
        var request = Key is RSA rsa
            ? new CertificateRequest(subject, rsa, Hash, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)Key, Hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(IsCa, false, 0, true));
        using var certificate = request.Create(subject, new AnyHashGenerator(Key), NotBefore, NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.RawData;
    }

    /// <summary>One block in the layout that Go's encoding/pem writes: LF, 64 columns.</summary>
    public static string ToPem(byte[] der) => PemEncoding.WriteString("CERTIFICATE", der) + "\n";

    private static X500DistinguishedName SubjectOf(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        return builder.Build();
    }
}
