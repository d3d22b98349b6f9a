using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Trust.Cryptography;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>What extensions allow (RFC 5280 4.2), and whether one certificate issued another.</summary>
internal static class CertificateRules
{
    internal const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    internal const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    internal const string SubjectAlternativeName = "2.5.29.17";

    private const string KeyUsage = "2.5.29.15";
    private const string BasicConstraints = "2.5.29.19";
    private const string ExtendedKeyUsage = "2.5.29.37";

    /// <summary>Those that are honoured here; any other one that is critical makes a certificate useless (RFC 5280 4.2).</summary>
    private static readonly string[] Known = [KeyUsage, BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName];

    /// <summary>Whether the issuer's name and key stand behind the certificate. Says nothing about time or permission.</summary>
    internal static bool IsIssuedBy(DerCertificate certificate, DerCertificate issuer) =>
        certificate.Issuer.AsSpan().SequenceEqual(issuer.Subject)
        && CertificateSignature.Verify(certificate.SignatureAlgorithm, issuer.PublicKeyInfo, certificate.Signed, certificate.Signature);

    /// <summary>Why it may not issue certificates for the purpose; null when it may.</summary>
    /// <param name="below">How many authorities stand between it and the end of the chain.</param>
    /// <exception cref="FormatException">An extension is malformed.</exception>
    internal static string? FindAuthorityFault(DerCertificate certificate, string purpose, int below)
    {
        var (isAuthority, length) = ReadBasicConstraints(certificate);
        return FindUnknown(certificate) switch
        {
            { } unknown => $"has the critical extension {unknown}, which is not known here",
            _ when !isAuthority => "is no certificate of an authority",
            _ when length < below => "does not allow so long a chain",
            _ when (ReadKeyUsage(certificate) ?? X509KeyUsageFlags.KeyCertSign) is var usage && !usage.HasFlag(X509KeyUsageFlags.KeyCertSign) =>
                "may not sign certificates",
            _ when ReadPurposes(certificate) is { } purposes && !purposes.Contains(purpose) => $"is not for the purpose {purpose}",
            _ => null,
        };
    }

    /// <summary>Why it may not sign for the purpose; null when it may.</summary>
    /// <exception cref="FormatException">An extension is malformed.</exception>
    internal static string? FindSignerFault(DerCertificate certificate, string purpose) => FindUnknown(certificate) switch
    {
        { } unknown => $"has the critical extension {unknown}, which is not known here",
        _ when ReadBasicConstraints(certificate).IsAuthority => "is the certificate of an authority",
        _ when ReadPurposes(certificate) is not { } purposes || !purposes.Contains(purpose) => $"is not for the purpose {purpose}",
        _ when ReadKeyUsage(certificate)?.HasFlag(X509KeyUsageFlags.DigitalSignature) != true => "may not make signatures",
        _ => null,
    };

    /// <summary>Whether the purpose is the only one, and critical, as RFC 3161 2.3 demands of time stamping.</summary>
    internal static bool IsOnlyFor(DerCertificate certificate, string purpose) =>
        certificate.Find(ExtendedKeyUsage) is { IsCritical: true } && ReadPurposes(certificate) is { Count: 1 } purposes && purposes[0] == purpose;

    private static string? FindUnknown(DerCertificate certificate)
    {
        foreach (var extension in certificate.Extensions)
        {
            if (extension.IsCritical && !Known.Contains(extension.Oid))
            {
                return extension.Oid;
            }
        }

        return null;
    }

    private static (bool IsAuthority, int Length) ReadBasicConstraints(DerCertificate certificate) => Read(certificate, BasicConstraints, (false, int.MaxValue), reader =>
    {
        var constraints = reader.ReadSequence();
        var isAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
        var length = int.MaxValue;
        if (constraints.HasData && (!constraints.TryReadInt32(out length) || length < 0))
        {
            throw new FormatException("a certificate has a path length that is none");
        }

        constraints.ThrowIfNotEmpty();
        return (isAuthority, length);
    });

    private static X509KeyUsageFlags? ReadKeyUsage(DerCertificate certificate) => Read<X509KeyUsageFlags?>(certificate, KeyUsage, null, reader =>
    {
        var bits = reader.ReadBitString(out _);
        var first = bits.Length > 0 ? bits[0] : 0;

        // Bit 0, the highest one, is digitalSignature; bit 5 is keyCertSign. The platform's flags number the first byte's bits alike.
        return (X509KeyUsageFlags)first;
    });

    private static List<string>? ReadPurposes(DerCertificate certificate) => Read<List<string>?>(certificate, ExtendedKeyUsage, null, reader =>
    {
        var (list, purposes) = (reader.ReadSequence(), new List<string>());
        while (list.HasData)
        {
            purposes.Add(list.ReadObjectIdentifier());
        }

        return purposes;
    });

    private static T Read<T>(DerCertificate certificate, string oid, T absent, Func<AsnReader, T> read)
    {
        if (certificate.Find(oid) is not { } extension)
        {
            return absent;
        }

        try
        {
            var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
            var result = read(reader);
            reader.ThrowIfNotEmpty();
            return result;
        }
        catch (AsnContentException e)
        {
            throw new FormatException($"a certificate's extension {oid} is malformed", e);
        }
    }
}
