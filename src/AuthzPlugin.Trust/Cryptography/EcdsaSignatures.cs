using System.Formats.Asn1;
using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// Method <c>ecdsa</c>: FIPS 186-4 on P-256, P-384 or P-521, always with SHA-256. A signature is r and s in big-endian order, each as long
/// as the field (64, 96 or 132 bytes in all; IEEE P1363). DER is refused.
/// </summary>
internal static class EcdsaSignatures
{
    private const string PublicKeyAlgorithm = "1.2.840.10045.2.1";

    private static readonly string[] NistCurves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    /// <param name="info">The signer's SubjectPublicKeyInfo.</param>
    internal static bool Verify(ReadOnlySpan<byte> info, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var key = PublicKeyInfo.TryEcdsa(info);
        return key is not null
            && signature.Length == 2 * ((key.KeySize + 7) / 8)
            && key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>
    /// Whether a SubjectPublicKeyInfo names one of the three curves (RFC 5480 2.1.1); explicit parameters are none. Read here, since an
    /// imported key is slow to ask. The rest of the bytes is the importer's to judge, so its rules (BER) hold here too.
    /// </summary>
    internal static bool IsNistCurve(ReadOnlySpan<byte> info)
    {
        try
        {
            var algorithm = ReadSequence(ReadSequence(info));
            var kind = AsnDecoder.ReadObjectIdentifier(algorithm, AsnEncodingRules.BER, out var read);
            var curve = AsnDecoder.ReadObjectIdentifier(algorithm[read..], AsnEncodingRules.BER, out var end);
            return kind == PublicKeyAlgorithm && NistCurves.Contains(curve) && read + end == algorithm.Length;
        }
        catch (AsnContentException)
        {
            // Explicit parameters, a key of another kind, or no key at all.
            return false;
        }
    }

    private static ReadOnlySpan<byte> ReadSequence(ReadOnlySpan<byte> value)
    {
        AsnDecoder.ReadSequence(value, AsnEncodingRules.BER, out var start, out var length, out _);
        return value.Slice(start, length);
    }
}
