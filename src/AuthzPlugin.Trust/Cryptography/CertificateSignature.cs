using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// The signature of a certificate's issuer: ECDSA on a NIST curve (DER), RSA PKCS #1 v1.5 of at least 2048 bits, each with SHA-2, or
/// Ed25519. Everything else, SHA-1 among it, is no good signature.
/// </summary>
internal static class CertificateSignature
{
    private const string Ed25519Algorithm = "1.3.101.112";

    /// <param name="algorithm">Object identifier of the signature algorithm.</param>
    /// <param name="info">The issuer's SubjectPublicKeyInfo.</param>
    /// <exception cref="PlatformNotSupportedException">An Ed25519 key, and no libcrypto on this system.</exception>
    internal static bool Verify(string algorithm, byte[] info, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (algorithm == Ed25519Algorithm)
        {
            return Ed25519.Verify(PublicKeyInfo.Ed25519Key(info), message, signature);
        }

        try
        {
            if (SignatureHashes.OfEcdsa(algorithm) is { } ecdsaHash)
            {
                using var ecdsa = PublicKeyInfo.TryEcdsa(info);
                return ecdsa is not null && ecdsa.VerifyData(message, signature, ecdsaHash, DSASignatureFormat.Rfc3279DerSequence);
            }

            if (SignatureHashes.OfRsa(algorithm) is { } rsaHash)
            {
                using var rsa = PublicKeyInfo.TryRsa(info);
                return rsa is not null && rsa.VerifyData(message, signature, rsaHash, RSASignaturePadding.Pkcs1);
            }

            return false;
        }
        catch (CryptographicException)
        {
            // The platform's word for a signature that is no DER.
            return false;
        }
    }
}
