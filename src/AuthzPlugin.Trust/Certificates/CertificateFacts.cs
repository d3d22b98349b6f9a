using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Trust.Cryptography;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>
/// What the rules need to know of a certificate. No chain is ever built: root certificates are identified, not vouched for.
/// </summary>
internal sealed record CertificateFacts
{
    private const int MinRsaBits = 2048;

    /// <summary>
    /// Signature algorithms of MD2, MD5 and SHA-1 with RSA, DSA and ECDSA (RFC 3279, OIW). The Notary 0.7 client refuses the SHA-1 ones
    /// and leaves the older ones to Go's parser.
    /// </summary>
    private static readonly string[] WeakAlgorithms =
    [
        "1.2.840.113549.1.1.2",
        "1.2.840.113549.1.1.4",
        "1.2.840.113549.1.1.5",
        "1.3.14.3.2.29",
        "1.2.840.10040.4.3",
        "1.3.14.3.2.27",
        "1.2.840.10045.4.1",
    ];

    /// <summary>The subject's common name, the last one if several; null when it has none or one that cannot be read.</summary>
    internal required string? CommonName { get; init; }

    /// <summary>BasicConstraints says CA. A certificate of X.509 version 1 has none and is not.</summary>
    internal required bool IsCa { get; init; }

    internal required DateTimeOffset NotBefore { get; init; }

    internal required DateTimeOffset NotAfter { get; init; }

    internal required string SignatureAlgorithm { get; init; }

    /// <summary><c>ecdsa</c> or <c>rsa</c>.</summary>
    internal required string KeyType { get; init; }

    internal required int KeyBits { get; init; }

    /// <summary>SubjectPublicKeyInfo, encoded afresh from the key.</summary>
    internal required byte[] PublicKeyInfo { get; init; }

    /// <summary>Reads a certificate; null when it is malformed or its key is neither RSA nor ECDSA on a NIST curve.</summary>
    internal static CertificateFacts? TryRead(byte[] der)
    {
        try
        {
            if (!Der.IsSingleValue(der))
            {
                return null;
            }

            using var certificate = X509CertificateLoader.LoadCertificate(der);
            return ReadEcdsa(certificate) ?? ReadRsa(certificate);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform's words for a malformed certificate and for a curve it does not have; the caller names the certificate.
            return null;
        }
    }

    /// <summary>Reads the first certificate of a PEM text; null when there is none or it cannot be read.</summary>
    internal static CertificateFacts? TryReadFirst(ReadOnlySpan<byte> pem) =>
        CertificatePem.ReadFirst(pem) is { } der ? TryRead(der) : null;

    /// <summary>
    /// What is wrong with it apart from the time, as half a sentence; null when nothing is (Notary 0.7 client, ValidateCertificate).
    /// </summary>
    internal string? Weakness() => this switch
    {
        { NotBefore: var from, NotAfter: var to } when from > to => "its certificate ends before it begins",
        _ when WeakAlgorithms.Contains(SignatureAlgorithm) => "its certificate is signed with a weak hash",
        { KeyType: "rsa", KeyBits: < MinRsaBits } => $"its certificate has an RSA key of {KeyBits} bits, fewer than {MinRsaBits}",
        _ => null,
    };

    /// <summary>Validity in time: a day of leeway for clocks before it begins, none at its end.</summary>
    internal string? TimeProblem(DateTimeOffset now)
    {
        if (now.AddDays(1) < NotBefore)
        {
            return $"its certificate is not valid before {NotBefore:u}";
        }

        return now > NotAfter ? $"its certificate expired at {NotAfter:u}" : null;
    }

    private static CertificateFacts? ReadEcdsa(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPublicKey();
        return key?.ExportSubjectPublicKeyInfo() is { } info && EcdsaSignatures.IsNistCurve(info)
            ? Read(certificate, "ecdsa", key.KeySize, info)
            : null;
    }

    private static CertificateFacts? ReadRsa(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey();
        return key is null ? null : Read(certificate, "rsa", key.KeySize, key.ExportSubjectPublicKeyInfo());
    }

    private static CertificateFacts Read(X509Certificate2 certificate, string keyType, int bits, byte[] publicKeyInfo) => new()
    {
        CommonName = SubjectName.LastCommonName(certificate.SubjectName.RawData),
        IsCa = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority),
        NotBefore = certificate.NotBefore.ToUniversalTime(),
        NotAfter = certificate.NotAfter.ToUniversalTime(),
        SignatureAlgorithm = certificate.SignatureAlgorithm.Value ?? "",
        KeyType = keyType,
        KeyBits = bits,
        PublicKeyInfo = publicKeyInfo,
    };
}
