using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// The signature of a certificate's issuer: ECDSA on a NIST curve (DER), RSA PKCS #1 v1.5 of at least 2048 bits, each with SHA-2, or
/// Ed25519. Everything else, SHA-1 among it, is no good signature.
/// </summary>
internal static class CertificateSignature
{
    private const string Ed25519Algorithm = "1.3.101.112";
    private static readonly byte[] Ed25519Prefix = Convert.FromHexString("302a300506032b6570032100");

    /// <param name="algorithm">Object identifier of the signature algorithm.</param>
    /// <param name="info">The issuer's SubjectPublicKeyInfo.</param>
    /// <exception cref="PlatformNotSupportedException">An Ed25519 key, and no libcrypto on this system.</exception>
    internal static bool Verify(string algorithm, byte[] info, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (algorithm == Ed25519Algorithm)
        {
            return info.AsSpan().StartsWith(Ed25519Prefix) && Ed25519.Verify(info.AsSpan(Ed25519Prefix.Length), message, signature);
        }

        try
        {
            return algorithm switch
            {
                "1.2.840.10045.4.3.2" => VerifyEcdsa(info, message, signature, HashAlgorithmName.SHA256),
                "1.2.840.10045.4.3.3" => VerifyEcdsa(info, message, signature, HashAlgorithmName.SHA384),
                "1.2.840.10045.4.3.4" => VerifyEcdsa(info, message, signature, HashAlgorithmName.SHA512),
                "1.2.840.113549.1.1.11" => VerifyRsa(info, message, signature, HashAlgorithmName.SHA256),
                "1.2.840.113549.1.1.12" => VerifyRsa(info, message, signature, HashAlgorithmName.SHA384),
                "1.2.840.113549.1.1.13" => VerifyRsa(info, message, signature, HashAlgorithmName.SHA512),
                _ => false,
            };
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform's words for a key of another kind or on a curve that it does not have, and for a signature that is no DER.
            return false;
        }
    }

    private static bool VerifyEcdsa(byte[] info, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(info, out _);
        return EcdsaSignatures.IsNistCurve(key) && key.VerifyData(message, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool VerifyRsa(byte[] info, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(info, out _);
        return key.KeySize is >= RsaSignatures.MinBits and <= RsaSignatures.MaxBits && key.VerifyData(message, signature, hash, RSASignaturePadding.Pkcs1);
    }
}
