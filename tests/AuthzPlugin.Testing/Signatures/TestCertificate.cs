using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>What a certificate of a test says; the defaults are those of a code signer as <c>notation</c> wants it.</summary>
public sealed record CertificateShape
{
    public static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public string Subject { get; init; } = "CN=signer, O=Acme, L=Seattle, S=WA, C=US";

    /// <summary><c>ES256</c>, <c>ES384</c>, <c>ES512</c>, or <c>RS</c> and a number of bits.</summary>
    public string Key { get; init; } = "ES256";

    public DateTimeOffset NotBefore { get; init; } = From;

    public DateTimeOffset NotAfter { get; init; } = From.AddYears(10);

    /// <summary>Null: no basic constraints.</summary>
    public bool? IsAuthority { get; init; }

    public bool ConstraintsAreCritical { get; init; } = true;

    public int? PathLength { get; init; }

    /// <summary>Null: no key usage.</summary>
    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool KeyUsageIsCritical { get; init; } = true;

    public IReadOnlyList<string> Purposes { get; init; } = [CodeSigning];

    public bool PurposesAreCritical { get; init; }

    /// <summary>Where revoked certificates are listed; null: it does not say.</summary>
    public string? RevocationUri { get; init; }

    /// <summary>OCSP responders in the order of the certificate; empty: it names none.</summary>
    public IReadOnlyList<string> Responders { get; init; } = [];

    /// <summary>Of a responder: its own certificate need not be checked.</summary>
    public bool IsNeverRevoked { get; init; }

    /// <summary>Further extensions.</summary>
    public IReadOnlyList<X509Extension> Others { get; init; } = [];

    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    public const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    /// <summary>Of a certificate authority.</summary>
    public static CertificateShape Authority(string subject = "CN=Acme Root, O=Acme, S=WA, C=US") => new()
    {
        Subject = subject,
        IsAuthority = true,
        KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
        Purposes = [],
    };

    /// <summary>Of an OCSP responder that answers for its issuer.</summary>
    public static CertificateShape Responder(string subject = "CN=Responder, O=Acme, S=WA, C=US") => new()
    {
        Subject = subject,
        Purposes = [OcspSigning],
        IsNeverRevoked = true,
    };

    /// <summary>Of a timestamp authority.</summary>
    public static CertificateShape Timestamps(string subject = "CN=Clock, O=Time, S=WA, C=US") => new()
    {
        Subject = subject,
        Purposes = [TimeStamping],
        PurposesAreCritical = true,
    };
}

/// <summary>A certificate with its private key.</summary>
public sealed class TestCertificate
{
    private TestCertificate(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        Certificate = certificate;
        Key = key;
    }

    public X509Certificate2 Certificate { get; }

    public AsymmetricAlgorithm Key { get; }

    public byte[] Der => Certificate.RawData;

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>Makes a certificate; without an issuer it signs itself.</summary>
    public static TestCertificate Make(CertificateShape shape, TestCertificate? issuer = null, HashAlgorithmName? hash = null, X509SignatureGenerator? generator = null)
    {
        AsymmetricAlgorithm key = shape.Key switch
        {
            "ES256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            "ES384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            "ES512" => ECDsa.Create(ECCurve.NamedCurves.nistP521),
            _ => RSA.Create(int.Parse(shape.Key[2..], null)),
        };
        var name = new X500DistinguishedName(shape.Subject);
        var request = key is ECDsa ecdsa
            ? new CertificateRequest(name, ecdsa, hash ?? HashAlgorithmName.SHA256)
            : new CertificateRequest(name, (RSA)key, hash ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        AddExtensions(request, shape);
        var signer = issuer?.Key ?? key;
        generator ??= signer is ECDsa signing
            ? X509SignatureGenerator.CreateForECDsa(signing)
            : X509SignatureGenerator.CreateForRSA((RSA)signer, RSASignaturePadding.Pkcs1);
        var made = request.Create(
            issuer?.Certificate.SubjectName ?? name, generator, shape.NotBefore, shape.NotAfter, RandomNumberGenerator.GetBytes(8).Prepend((byte)1).ToArray());
        return new TestCertificate(made, key);
    }

    /// <summary>A list of revoked certificates of this authority, in DER.</summary>
    public byte[] List(DateTimeOffset from, DateTimeOffset until, params TestCertificate[] revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate.Certificate, from);
        }

        var generator = Key is ECDsa ecdsa
            ? X509SignatureGenerator.CreateForECDsa(ecdsa)
            : X509SignatureGenerator.CreateForRSA((RSA)Key, RSASignaturePadding.Pkcs1);
        var issuer = X509AuthorityKeyIdentifierExtension.CreateFromIssuerNameAndSerialNumber(Certificate.SubjectName, Certificate.SerialNumberBytes.Span);
        return builder.Build(Certificate.SubjectName, generator, 1, until, HashAlgorithmName.SHA256, issuer, from);
    }

    private static void AddExtensions(CertificateRequest request, CertificateShape shape)
    {
        if (shape.IsAuthority is { } isAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
                isAuthority, shape.PathLength is not null, shape.PathLength ?? 0, shape.ConstraintsAreCritical));
        }

        if (shape.KeyUsage is { } usage)
        {
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, shape.KeyUsageIsCritical));
        }

        if (shape.Purposes.Count > 0)
        {
            var purposes = new OidCollection();
            foreach (var purpose in shape.Purposes)
            {
                purposes.Add(new Oid(purpose));
            }

            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(purposes, shape.PurposesAreCritical));
        }

        if (shape.Responders.Count > 0)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(shape.Responders, null));
        }

        if (shape.IsNeverRevoked)
        {
            request.CertificateExtensions.Add(new X509Extension(new Oid("1.3.6.1.5.5.7.48.1.5"), [5, 0], critical: false));
        }

        foreach (var extension in shape.Others)
        {
            request.CertificateExtensions.Add(extension);
        }

        if (shape.RevocationUri is { } uri)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([uri]));
        }
    }
}
