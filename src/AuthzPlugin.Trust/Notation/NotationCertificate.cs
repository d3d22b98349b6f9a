using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// An X.509 certificate (RFC 5280) as far as the rules of the Notary Project need it. Two are the same when their bytes are. Immutable, safe
/// for concurrent use.
/// </summary>
public sealed class NotationCertificate : IEquatable<NotationCertificate>
{
    /// <summary>Largest certificate, in bytes.</summary>
    internal const int MaxBytes = 64 * 1024;

    internal NotationCertificate(CertificateFields fields, ExtensionFields extensions)
    {
        Fields = fields;
        Extensions = extensions;
        Thumbprint = Convert.ToHexStringLower(SHA256.HashData(fields.Raw.Span));
        Subject = DistinguishedName.Read(fields.Subject);
    }

    /// <summary>SHA-256 of its bytes, 64 lower-case hex digits.</summary>
    public string Thumbprint { get; }

    internal DateTimeOffset NotBefore => Fields.NotBefore;

    internal DateTimeOffset NotAfter => Fields.NotAfter;

    internal CertificateFields Fields { get; }

    internal ExtensionFields Extensions { get; }

    internal DistinguishedName Subject { get; }

    /// <summary>Subject and issuer are the same, and its own key signed it.</summary>
    internal bool IsSelfSigned => Fields.Subject.Span.SequenceEqual(Fields.Issuer.Span) && CertificateSignature.IsBy(this, this);

    /// <summary>Reads one certificate in DER.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out NotationCertificate? certificate)
    {
        certificate = null;
        if (der.Length > MaxBytes)
        {
            return false;
        }

        try
        {
            certificate = CertificateFields.Read(der);
            return true;
        }
        catch (Exception e) when (e is AsnContentException or FormatException)
        {
            // What is wrong inside the DER helps nobody; the caller names the certificate.
            return false;
        }
    }

    /// <summary>Reads the certificates of a file: PEM blocks CERTIFICATE, or one certificate in DER.</summary>
    /// <param name="problem">Half a sentence that says why there are none.</param>
    public static IReadOnlyList<NotationCertificate> ReadFile(ReadOnlyMemory<byte> file, int most, out string? problem)
    {
        var result = new List<NotationCertificate>();
        var isPem = file.Span.IndexOf("-----BEGIN"u8) >= 0;
        foreach (var der in isPem ? CertificatePem.ReadAll(file.Span, most + 1) : [file.ToArray()])
        {
            if (!TryRead(der, out var certificate))
            {
                problem = "holds a certificate that cannot be read";
                return [];
            }

            result.Add(certificate);
        }

        problem = result.Count == 0 ? "holds no certificate" : result.Count > most ? $"holds more than {most} certificates" : null;
        return problem is null ? result : [];
    }

    /// <summary>Whether the rules allow it in a trust store: a CA, or a signing certificate that signed itself; of timestamps a root.</summary>
    public bool MayBeTrusted(bool forTimestamps) => forTimestamps ? Extensions.ClaimsAuthority && IsSelfSigned : Extensions.ClaimsAuthority || IsSelfSigned;

    public bool Equals(NotationCertificate? other) => other is not null && other.Fields.Raw.Span.SequenceEqual(Fields.Raw.Span);

    public override bool Equals(object? obj) => Equals(obj as NotationCertificate);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Thumbprint);

    public override string ToString() => Subject.ToString();
}
