using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// Methods <c>rsapss</c> (RFC 8017 8.1: SHA-256, MGF1 with SHA-256, salt of 32 bytes) and <c>rsapkcs1v15</c> (8.2, SHA-256).
/// Moduli of 2048 to 16384 bits; the upper bound is libcrypto's own, so that no key costs more than a moment.
/// </summary>
internal static class RsaSignatures
{
    internal const int MinBits = 2048;
    internal const int MaxBits = 16384;

    internal static bool Verify(RSA key, RSASignaturePadding padding, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        key.KeySize is >= MinBits and <= MaxBits
        && signature.Length == (key.KeySize + 7) / 8
        && key.VerifyData(message, signature, HashAlgorithmName.SHA256, padding);
}
