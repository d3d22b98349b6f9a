using System.Formats.Asn1;
using System.Text;
using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Whom a certificate of Fulcio names (fulcio docs/oid-info.md). Read only after a pinned authority's signature was found good.</summary>
internal sealed record CertificateClaims(string Issuer, string Subject)
{
    private const string RawIssuer = "1.3.6.1.4.1.57264.1.1";
    private const string IssuerText = "1.3.6.1.4.1.57264.1.8";
    private const string UserName = "1.3.6.1.4.1.57264.1.7";
    private const int MaxLength = 4096;

    private static readonly Asn1Tag OtherName = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Mail = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">It names nobody, several, or is malformed.</exception>
    internal static CertificateClaims Read(DerCertificate certificate)
    {
        try
        {
            return new CertificateClaims(Check(ReadIssuer(certificate)), Check(ReadSubject(certificate)));
        }
        catch (Exception e) when (e is AsnContentException or DecoderFallbackException)
        {
            throw new FormatException("what the certificate says of its owner is malformed", e);
        }
    }

    private static string ReadIssuer(DerCertificate certificate)
    {
        // The older extension holds the bytes alone, the newer one a UTF8String.
        var raw = certificate.Find(RawIssuer) is { } old ? Utf8.GetString(old.Value) : null;
        var text = certificate.Find(IssuerText) is { } present ? ReadText(present.Value) : null;
        return raw is not null && text is not null && raw != text
            ? throw new FormatException("the certificate names two issuers")
            : text ?? raw ?? throw new FormatException("the certificate names no issuer");
    }

    private static string ReadText(byte[] value)
    {
        var reader = new AsnReader(value, AsnEncodingRules.DER);
        var text = reader.ReadCharacterString(UniversalTagNumber.UTF8String);
        reader.ThrowIfNotEmpty();
        return text;
    }

    private static string ReadSubject(DerCertificate certificate)
    {
        var extension = certificate.Find(CertificateRules.SubjectAlternativeName) ?? throw new FormatException("the certificate names no subject");
        var reader = new AsnReader(extension.Value, AsnEncodingRules.DER);
        var names = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var tag = names.PeekTag();
        var subject = tag switch
        {
            _ when tag.HasSameClassAndValue(Mail) => names.ReadCharacterString(UniversalTagNumber.IA5String, Mail),
            _ when tag.HasSameClassAndValue(Uri) => names.ReadCharacterString(UniversalTagNumber.IA5String, Uri),
            _ when tag.HasSameClassAndValue(OtherName) => ReadUserName(names.ReadSequence(OtherName)),
            _ => throw new FormatException("the certificate names a subject that is no e-mail address, URI or user name"),
        };
        return names.HasData ? throw new FormatException("the certificate names several subjects") : subject;
    }

    private static string ReadUserName(AsnReader name)
    {
        if (name.ReadObjectIdentifier() != UserName)
        {
            throw new FormatException("the certificate names a subject of a kind that is not known here");
        }

        var value = name.ReadSequence(OtherName);
        name.ThrowIfNotEmpty();
        var text = value.ReadCharacterString(UniversalTagNumber.UTF8String);
        value.ThrowIfNotEmpty();
        return text;
    }

    private static string Check(string text) => text.Length is 0 or > MaxLength ? throw new FormatException("the certificate has a name of no or too many characters") : text;
}
