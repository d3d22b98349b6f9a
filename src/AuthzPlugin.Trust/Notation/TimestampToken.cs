using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// An RFC 3161 timestamp token: CMS signed data (RFC 5652) with one signer around a TSTInfo. Read, and nothing of it verified.
/// </summary>
/// <param name="Content">The TSTInfo in DER.</param>
/// <param name="Certificates">At most 16, in the order of the token.</param>
/// <param name="SignedAttributes">As the signature covers them.</param>
/// <param name="SignerId">Issuer and serial number, or a subject key identifier, in DER.</param>
internal sealed record TimestampToken(
    ReadOnlyMemory<byte> Content,
    IReadOnlyList<NotationCertificate> Certificates,
    ReadOnlyMemory<byte> SignerId,
    string DigestOid,
    ReadOnlyMemory<byte> SignedAttributes,
    AlgorithmName Algorithm,
    ReadOnlyMemory<byte> Signature)
{
    internal const int MaxBytes = 64 * 1024;

    private const string SignedDataOid = "1.2.840.113549.1.7.2";
    private const string InfoOid = "1.2.840.113549.1.9.16.1.4";
    private const string ContentTypeOid = "1.2.840.113549.1.9.3";
    private const string MessageDigestOid = "1.2.840.113549.1.9.4";
    private const string SigningCertificateOid = "1.2.840.113549.1.9.16.2.47";
    private const string Sha256Oid = "2.16.840.1.101.3.4.2.1";
    private const int MaxCertificates = 16;

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <exception cref="FormatException">It is no such token.</exception>
    internal static TimestampToken Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return bytes.Length <= MaxBytes ? ReadContentInfo(bytes) : throw new FormatException("it is larger than a timestamp may be");
        }
        catch (AsnContentException e)
        {
            throw new FormatException("its timestamp is no CMS signed data", e);
        }
    }

    /// <summary>
    /// The certificate that signed the token by its signed attributes; null when none of the token's does. The attributes must name the
    /// content, its digest and, by signing-certificate-v2 (RFC 5816), the certificate itself.
    /// </summary>
    /// <exception cref="FormatException">The attributes are no attributes.</exception>
    internal NotationCertificate? FindSigner()
    {
        try
        {
            return CertificateSignature.HashOf(DigestOid) is { } hash && NamesContent(hash) ? Certificates.FirstOrDefault(c => IsSigner(c, hash)) : null;
        }
        catch (AsnContentException e)
        {
            throw new FormatException("its timestamp has attributes that cannot be read", e);
        }
    }

    private static TimestampToken ReadContentInfo(ReadOnlyMemory<byte> bytes)
    {
        var file = new AsnReader(bytes, AsnEncodingRules.BER);
        var info = file.ReadSequence();
        file.ThrowIfNotEmpty();
        Require(info.ReadObjectIdentifier() == SignedDataOid);
        var data = info.ReadSequence(Zero).ReadSequence();
        data.ReadIntegerBytes();
        data.ReadSetOf(skipSortOrderValidation: true);
        var encapsulated = data.ReadSequence();
        Require(encapsulated.ReadObjectIdentifier() == InfoOid);
        var content = encapsulated.ReadSequence(Zero).ReadOctetString();
        var certificates = new List<NotationCertificate>();
        if (data.PeekTag().HasSameClassAndValue(Zero))
        {
            ReadCertificates(data.ReadSetOf(skipSortOrderValidation: true, Zero), certificates);
        }

        if (data.PeekTag().HasSameClassAndValue(One))
        {
            data.ReadEncodedValue();
        }

        var signers = data.ReadSetOf(skipSortOrderValidation: true);
        var token = ReadSigner(signers.ReadSequence(), content, certificates);
        signers.ThrowIfNotEmpty();
        return token;
    }

    private static void ReadCertificates(AsnReader set, List<NotationCertificate> certificates)
    {
        while (set.HasData)
        {
            Require(certificates.Count < MaxCertificates);
            var isCertificate = set.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence);
            var der = set.ReadEncodedValue();
            if (isCertificate && NotationCertificate.TryRead(der, out var certificate))
            {
                certificates.Add(certificate);
            }
        }
    }

    private static TimestampToken ReadSigner(AsnReader signer, ReadOnlyMemory<byte> content, List<NotationCertificate> certificates)
    {
        signer.ReadIntegerBytes();
        var id = signer.ReadEncodedValue();
        var digest = AlgorithmName.Read(signer).Oid;
        Require(signer.PeekTag().HasSameClassAndValue(Zero));
        var attributes = signer.ReadEncodedValue().ToArray();
        attributes[0] = 0x31; // Signed as a SET OF, and carried with another tag (RFC 5652 5.4).
        return new TimestampToken(content, certificates, id, digest, attributes, AlgorithmName.Read(signer), signer.ReadOctetString());
    }

    private bool NamesContent(HashAlgorithmName hash) =>
        Attribute(ContentTypeOid) is { } type && new AsnReader(type, AsnEncodingRules.DER).ReadObjectIdentifier() == InfoOid
        && Attribute(MessageDigestOid) is { } digest
        && new AsnReader(digest, AsnEncodingRules.DER).ReadOctetString().AsSpan().SequenceEqual(CryptographicOperations.HashData(hash, Content.Span));

    private bool IsSigner(NotationCertificate certificate, HashAlgorithmName hash) =>
        IsNamed(certificate) && IsCertified(certificate)
        && CertificateSignature.Verify(certificate, Algorithm, hash, SignedAttributes.Span, Signature.Span);

    // A subject key identifier is not compared: signing-certificate-v2 names the certificate by its hash.
    private bool IsNamed(NotationCertificate certificate)
    {
        var id = new AsnReader(SignerId, AsnEncodingRules.DER);
        if (!id.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            return true;
        }

        var sequence = id.ReadSequence();
        return sequence.ReadEncodedValue().Span.SequenceEqual(certificate.Fields.Issuer.Span)
            && sequence.ReadIntegerBytes().Span.SequenceEqual(certificate.Fields.Serial.Span);
    }

    private bool IsCertified(NotationCertificate certificate)
    {
        if (Attribute(SigningCertificateOid) is not { } value)
        {
            return false;
        }

        var first = new AsnReader(value, AsnEncodingRules.DER).ReadSequence().ReadSequence().ReadSequence();
        var oid = first.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? AlgorithmName.Read(first).Oid : Sha256Oid;
        return CertificateSignature.HashOf(oid) is { } hash
            && first.ReadOctetString().AsSpan().SequenceEqual(CryptographicOperations.HashData(hash, certificate.Fields.Raw.Span));
    }

    /// <summary>The one value of an attribute that stands there once.</summary>
    private ReadOnlyMemory<byte>? Attribute(string oid)
    {
        ReadOnlyMemory<byte>? result = null;
        for (var set = new AsnReader(SignedAttributes, AsnEncodingRules.DER).ReadSetOf(skipSortOrderValidation: true); set.HasData;)
        {
            var attribute = set.ReadSequence();
            if (attribute.ReadObjectIdentifier() == oid)
            {
                Require(result is null);
                var values = attribute.ReadSetOf(skipSortOrderValidation: true);
                result = values.ReadEncodedValue();
                values.ThrowIfNotEmpty();
            }
        }

        return result;
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException("its timestamp is not what RFC 3161 says");
        }
    }
}
