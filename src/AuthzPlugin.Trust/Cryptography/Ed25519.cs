namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// Method <c>eddsa</c>: Ed25519 (RFC 8032 5.1), over the message itself. Keys have 32 bytes, signatures 64. The platform has no Ed25519,
/// so libcrypto verifies, the library that the platform's own cryptography stands on.
/// </summary>
internal static class Ed25519
{
    internal const int KeySize = 32;
    private const int SignatureSize = 64;

    /// <exception cref="PlatformNotSupportedException">This system has no libcrypto.</exception>
    internal static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeySize || signature.Length != SignatureSize)
        {
            return false;
        }

        try
        {
            return VerifyCore(publicKey, message, signature);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new PlatformNotSupportedException(
                "an ed25519 key needs libcrypto 1.1.1 or newer (OpenSSL), which this system does not have", e);
        }
    }

    private static bool VerifyCore(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var key = Libcrypto.NewRawPublicKey(Libcrypto.Ed25519KeyType, 0, publicKey, (nuint)publicKey.Length);
        using var context = Libcrypto.NewDigestContext();
        return !key.IsInvalid
            && !context.IsInvalid
            && Libcrypto.DigestVerifyInit(context, 0, 0, 0, key) == 1
            && Libcrypto.DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
    }
}
