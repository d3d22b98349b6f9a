using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Cryptography;

/// <summary>
/// Whether a key made a signature (Notary 0.7 client, verifiers.go). Everything that is not a good signature is false: a wrong one, a
/// malformed key, an unknown method, a method that does not fit the key type.
/// </summary>
public static class SignatureVerifier
{
    /// <param name="method">Name of the algorithm; case does not count.</param>
    /// <exception cref="PlatformNotSupportedException">An ed25519 key, and no libcrypto on this system.</exception>
    public static bool Verify(PublicKey key, string method, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        method = method.ToLowerInvariant();
        if (method == "eddsa")
        {
            return key.KeyType == "ed25519" && Ed25519.Verify(key.Value.Span, message, signature);
        }

        try
        {
            return method switch
            {
                "ecdsa" => PublicKeyInfo(key, "ecdsa") is { } info && EcdsaSignatures.Verify(info, message, signature),
                "rsapss" => VerifyRsa(OpenRsa(key), RSASignaturePadding.Pss, message, signature),
                "rsapkcs1v15" => VerifyRsa(OpenRsa(key), RSASignaturePadding.Pkcs1, message, signature),
                "pycrypto-pkcs#1 pss" => VerifyRsa(OpenPemRsa(key), RSASignaturePadding.Pss, message, signature),
                _ => false,
            };
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform's words for a key it cannot read and for a curve it does not have. Such a key has signed nothing.
            return false;
        }
    }

    private static bool VerifyRsa(RSA? key, RSASignaturePadding padding, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using (key)
        {
            return key is not null && RsaSignatures.Verify(key, padding, message, signature);
        }
    }

    private static RSA? OpenRsa(PublicKey key) => PublicKeyInfo(key, "rsa") is { } info ? ImportRsa(info) : null;

    /// <summary>Keys that old PyCrypto tools wrote: type <c>rsa</c>, but the value is PEM text.</summary>
    private static RSA? OpenPemRsa(PublicKey key)
    {
        var text = Encoding.Latin1.GetString(key.Value.Span);
        return key.KeyType == "rsa" && PemEncoding.TryFind(text, out var fields) && text[fields.Label] == "PUBLIC KEY"
            ? ImportRsa(Convert.FromBase64String(text[fields.Base64Data]))
            : null;
    }

    private static RSA? ImportRsa(byte[] info)
    {
        if (!Der.IsSingleValue(info))
        {
            return null;
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportSubjectPublicKeyInfo(info, out _);
            return rsa;
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            throw;
        }
    }

    /// <summary>
    /// SubjectPublicKeyInfo of a plain key of this type, or of the first certificate of an x509 key; null for other types.
    /// </summary>
    private static byte[]? PublicKeyInfo(PublicKey key, string type)
    {
        if (key.KeyType == type)
        {
            return Der.IsSingleValue(key.Value.Span) ? key.Value.ToArray() : null;
        }

        return key.KeyType == type + "-x509" && key.Certificate is { } leaf && leaf.KeyType == type
            ? leaf.PublicKeyInfo
            : null;
    }
}
