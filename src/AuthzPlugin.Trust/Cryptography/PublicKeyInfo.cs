using System.Security.Cryptography;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>Keys out of a SubjectPublicKeyInfo (RFC 5280 4.1.2.7) that is nothing but one: those kinds and sizes that count here, null for others.</summary>
internal static class PublicKeyInfo
{
    // RFC 8410 4, before the 32 bytes of the key.
    private static readonly byte[] Ed25519Prefix = Convert.FromHexString("302a300506032b6570032100");

    /// <summary>On P-256, P-384 or P-521.</summary>
    internal static ECDsa? TryEcdsa(ReadOnlySpan<byte> info)
    {
        if (!EcdsaSignatures.IsNistCurve(info))
        {
            return null;
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(info, out var read);
            if (read == info.Length)
            {
                return key;
            }
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform's words for a malformed key, and for a curve that it does not have.
        }

        key.Dispose();
        return null;
    }

    /// <summary>Of 2048 to 16384 bits.</summary>
    internal static RSA? TryRsa(ReadOnlySpan<byte> info)
    {
        var key = RSA.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(info, out var read);
            if (read == info.Length && key.KeySize is >= RsaSignatures.MinBits and <= RsaSignatures.MaxBits)
            {
                return key;
            }
        }
        catch (CryptographicException)
        {
            // The platform's word for a key of another kind.
        }

        key.Dispose();
        return null;
    }

    /// <summary>The 32 bytes of an Ed25519 key; empty for every other one.</summary>
    internal static ReadOnlySpan<byte> Ed25519Key(ReadOnlySpan<byte> info) =>
        info.Length == Ed25519Prefix.Length + Ed25519.KeySize && info.StartsWith(Ed25519Prefix) ? info[Ed25519Prefix.Length..] : [];
}
