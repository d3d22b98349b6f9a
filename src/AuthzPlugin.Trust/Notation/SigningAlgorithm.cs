using System.Security.Cryptography;
using AuthzPlugin.Trust.Cryptography;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// The one algorithm that a signing key has (signature-specification.md, "Algorithm Selection"): RSASSA-PSS with a salt as long as the hash, or
/// ECDSA with r and s of fixed length.
/// </summary>
/// <param name="Name">As JWS has it.</param>
internal sealed record SigningAlgorithm(string Name, HashAlgorithmName Hash)
{
    /// <summary>Null when the certificate's key is none that may sign.</summary>
    internal static SigningAlgorithm? Of(NotationCertificate certificate) => CertificateKey.Kind(certificate) switch
    {
        ("rsa", 2048) => new SigningAlgorithm("PS256", HashAlgorithmName.SHA256),
        ("rsa", 3072) => new SigningAlgorithm("PS384", HashAlgorithmName.SHA384),
        ("rsa", 4096) => new SigningAlgorithm("PS512", HashAlgorithmName.SHA512),
        ("ecdsa", 256) => new SigningAlgorithm("ES256", HashAlgorithmName.SHA256),
        ("ecdsa", 384) => new SigningAlgorithm("ES384", HashAlgorithmName.SHA384),
        ("ecdsa", 521) => new SigningAlgorithm("ES512", HashAlgorithmName.SHA512),
        _ => null,
    };

    internal bool Verify(NotationCertificate certificate, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = PublicKeyInfo.TryEcdsa(certificate.Fields.PublicKey.Span);
        if (ecdsa is not null)
        {
            return signature.Length == 2 * ((ecdsa.KeySize + 7) / 8)
                && ecdsa.VerifyData(message, signature, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        using var rsa = PublicKeyInfo.TryRsa(certificate.Fields.PublicKey.Span);
        return rsa is not null && signature.Length == (rsa.KeySize + 7) / 8 && rsa.VerifyData(message, signature, Hash, RSASignaturePadding.Pss);
    }
}

/// <summary>The public key of a certificate.</summary>
internal static class CertificateKey
{
    /// <summary>Its kind and size in bits; null when it is neither RSA nor ECDSA on a NIST curve.</summary>
    internal static (string Kind, int Bits)? Kind(NotationCertificate certificate)
    {
        using var ecdsa = PublicKeyInfo.TryEcdsa(certificate.Fields.PublicKey.Span);
        if (ecdsa is not null)
        {
            return ("ecdsa", ecdsa.KeySize);
        }

        using var rsa = PublicKeyInfo.TryRsa(certificate.Fields.PublicKey.Span);
        return rsa is null ? null : ("rsa", rsa.KeySize);
    }
}
