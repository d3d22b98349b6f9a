using System.Formats.Asn1;
using System.Security.Cryptography;
using AuthzPlugin.Trust.Cryptography;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// Whether a certificate's key made a signature that X.509 and CMS name by an object identifier: RSA (PKCS #1 v1.5 and PSS) and ECDSA, with
/// SHA-256, SHA-384 or SHA-512. Others, SHA-1 among them, do not count.
/// </summary>
internal static class CertificateSignature
{
    private const string Pss = "1.2.840.113549.1.1.10";
    private const string RsaAlone = "1.2.840.113549.1.1.1";
    private const string Mgf1 = "1.2.840.113549.1.1.8";

    private static readonly Dictionary<string, HashAlgorithmName> Hashes = new(StringComparer.Ordinal)
    {
        ["2.16.840.1.101.3.4.2.1"] = HashAlgorithmName.SHA256,
        ["2.16.840.1.101.3.4.2.2"] = HashAlgorithmName.SHA384,
        ["2.16.840.1.101.3.4.2.3"] = HashAlgorithmName.SHA512,
    };

    /// <summary>Whether the issuer's key signed the certificate; names are not compared.</summary>
    internal static bool IsBy(NotationCertificate certificate, NotationCertificate issuer) =>
        Verify(issuer, certificate.Fields.Algorithm, null, certificate.Fields.Signed.Span, certificate.Fields.Signature.Span);

    /// <summary>SHA-256, SHA-384 or SHA-512 by their identifiers; null: another hash.</summary>
    internal static HashAlgorithmName? HashOf(string oid) => Hashes.TryGetValue(oid, out var hash) ? hash : null;

    /// <param name="digest">What CMS says beside an algorithm that names no hash; null elsewhere.</param>
    internal static bool Verify(
        NotationCertificate signer, AlgorithmName algorithm, HashAlgorithmName? digest, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (SignatureHashes.OfEcdsa(algorithm.Oid) is { } ecdsaHash)
            {
                using var key = PublicKeyInfo.TryEcdsa(signer.Fields.PublicKey.Span);
                return key is not null && key.VerifyData(message, signature, ecdsaHash, DSASignatureFormat.Rfc3279DerSequence);
            }

            var (hash, padding) = algorithm.Oid switch
            {
                Pss => (PssHash(algorithm.Parameters), RSASignaturePadding.Pss),
                RsaAlone => (digest, RSASignaturePadding.Pkcs1),
                _ => (SignatureHashes.OfRsa(algorithm.Oid), RSASignaturePadding.Pkcs1),
            };
            if (hash is not { } rsaHash)
            {
                return false;
            }

            using var rsa = PublicKeyInfo.TryRsa(signer.Fields.PublicKey.Span);
            return rsa is not null && signature.Length == (rsa.KeySize + 7) / 8 && rsa.VerifyData(message, signature, rsaHash, padding);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or FormatException)
        {
            // The platform's words for a signature or for parameters that are no DER.
            return false;
        }
    }

    /// <summary>RSASSA-PSS-params (RFC 4055 3.1) with one hash for everything and a salt of its length.</summary>
    private static HashAlgorithmName PssHash(ReadOnlyMemory<byte>? parameters)
    {
        var sequence = new AsnReader(parameters ?? throw new FormatException("PSS without parameters"), AsnEncodingRules.DER).ReadSequence();
        var hash = ReadHash(sequence.ReadSequence(Tag(0)));
        var mask = sequence.ReadSequence(Tag(1)).ReadSequence();
        if (mask.ReadObjectIdentifier() != Mgf1 || ReadHash(mask) != hash
            || !sequence.ReadSequence(Tag(2)).TryReadInt32(out var salt) || salt * 8 != int.Parse(hash.Name![3..], null))
        {
            throw new FormatException("PSS with other parameters");
        }

        return hash;
    }

    private static HashAlgorithmName ReadHash(AsnReader reader) => HashOf(AlgorithmName.Read(reader).Oid) ?? throw new FormatException("another hash");

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
