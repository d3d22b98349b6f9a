using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>The private half of Ed25519 (RFC 8032) through libcrypto; the product only verifies.</summary>
internal static partial class Ed25519Signing
{
    private const string Library = "libcrypto.so.3";
    private const int KeyTypeEd25519 = 1087;
    private const int SignatureSize = 64;

    internal static byte[] PublicKey(byte[] seed)
    {
        var key = LoadPrivate(seed);
        try
        {
            var result = new byte[32];
            nuint length = 32;
            Check(EVP_PKEY_get_raw_public_key(key, result, ref length));
            return result;
        }
        finally
        {
            EVP_PKEY_free(key);
        }
    }

    internal static byte[] Sign(byte[] seed, byte[] message)
    {
        var key = LoadPrivate(seed);
        var context = EVP_MD_CTX_new();
        try
        {
            var signature = new byte[SignatureSize];
            nuint length = SignatureSize;
            Check(EVP_DigestSignInit(context, 0, 0, 0, key));
            Check(EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length));
            return signature;
        }
        finally
        {
            EVP_MD_CTX_free(context);
            EVP_PKEY_free(key);
        }
    }

    private static nint LoadPrivate(byte[] seed)
    {
        var key = EVP_PKEY_new_raw_private_key(KeyTypeEd25519, 0, seed, (nuint)seed.Length);
        Check(key == 0 ? 0 : 1);
        return key;
    }

    private static void Check(int result)
    {
        if (result != 1)
        {
            throw new CryptographicException("libcrypto refused an Ed25519 operation");
        }
    }

    [LibraryImport(Library)]
    private static partial nint EVP_PKEY_new_raw_private_key(int type, nint engine, byte[] key, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_PKEY_get_raw_public_key(nint key, byte[] output, ref nuint length);

    [LibraryImport(Library)]
    private static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    private static partial int EVP_DigestSign(nint context, byte[] signature, ref nuint signatureLength, byte[] message, nuint messageLength);
}
