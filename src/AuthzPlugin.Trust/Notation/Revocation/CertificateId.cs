using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>
/// How OCSP names a certificate (CertID, RFC 6960 4.1.1): by hashes of its issuer's name and key, and its serial number. The hash is SHA-1, which
/// every responder knows; it names, and vouches for nothing. Immutable.
/// </summary>
internal sealed record CertificateId(ReadOnlyMemory<byte> NameHash, ReadOnlyMemory<byte> KeyHash, ReadOnlyMemory<byte> Serial)
{
    private const string Sha1Oid = "1.3.14.3.2.26";

    /// <exception cref="ArgumentException">The issuer's key is no key, so that it cannot have issued the certificate.</exception>
    internal static CertificateId Of(NotationCertificate certificate, NotationCertificate issuer) => new(
        Hash(issuer.Fields.Subject.Span),
        HashOfKey(issuer) ?? throw new ArgumentException("the issuer has no key", nameof(issuer)),
        certificate.Fields.Serial);

    /// <summary>SHA-1 of the bits of a certificate's public key, by which a responder may name itself too; null when they cannot be read.</summary>
    internal static byte[]? HashOfKey(NotationCertificate certificate)
    {
        try
        {
            var info = new AsnReader(certificate.Fields.PublicKey, AsnEncodingRules.DER).ReadSequence();
            info.ReadEncodedValue();
            return Hash(info.ReadBitString(out _));
        }
        catch (AsnContentException)
        {
            // A certificate is read without its key, which can be anything; such a one has signed nothing.
            return null;
        }
    }

    /// <summary>Null when it is made with another hash, so that it can be nobody's here.</summary>
    internal static CertificateId? Read(AsnReader reader)
    {
        var id = reader.ReadSequence();
        var algorithm = AlgorithmName.Read(id);
        var read = new CertificateId(id.ReadOctetString(), id.ReadOctetString(), id.ReadIntegerBytes());
        id.ThrowIfNotEmpty();
        return algorithm.Oid == Sha1Oid && (algorithm.Parameters is not { } parameters || parameters.Span.SequenceEqual("\x05\0"u8)) ? read : null;
    }

    internal void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Sha1Oid);
                writer.WriteNull();
            }

            writer.WriteOctetString(NameHash.Span);
            writer.WriteOctetString(KeyHash.Span);
            writer.WriteInteger(Serial.Span);
        }
    }

    internal bool IsSame(CertificateId other) =>
        NameHash.Span.SequenceEqual(other.NameHash.Span) && KeyHash.Span.SequenceEqual(other.KeyHash.Span) && Serial.Span.SequenceEqual(other.Serial.Span);

#pragma warning disable CA5350 // RFC 6960 identifies by SHA-1, and responders know no other; signatures with it do not count.
    private static byte[] Hash(ReadOnlySpan<byte> bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350
}
