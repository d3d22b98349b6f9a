using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// Whether a signature shows that one of the keys signed an image's digest. Pure. Nothing of the signed bytes is read before a key's
/// signature over them was found good.
/// </summary>
public static class CosignVerifier
{
    /// <summary>Most bytes of a simple signing payload.</summary>
    public const int MaxPayloadBytes = 256 * 1024;

    /// <summary>Most bytes of a bundle.</summary>
    public const int MaxBundleBytes = 1024 * 1024;

    /// <param name="image">The digest that must be signed.</param>
    /// <param name="keys">The keys that count.</param>
    /// <param name="annotations">What the signed bytes must say beside the digest, exactly.</param>
    /// <exception cref="PlatformNotSupportedException">An Ed25519 key, and no libcrypto on this system.</exception>
    public static CosignFinding Verify(
        CosignSignature signature, Digest image, IReadOnlyList<CosignKey> keys, IReadOnlyDictionary<string, string> annotations)
    {
        try
        {
            return signature switch
            {
                SimpleSigningSignature simple => Verify(simple, image, keys, annotations),
                BundleSignature bundle => Verify(bundle, image, keys, annotations),
                _ => throw new ArgumentException("an unknown kind of signature", nameof(signature)),
            };
        }
        catch (FormatException e)
        {
            return CosignFinding.Invalid(CosignFault.Malformed, $"is malformed: {e.Message}");
        }
    }

    private static CosignFinding Verify(
        SimpleSigningSignature simple, Digest image, IReadOnlyList<CosignKey> keys, IReadOnlyDictionary<string, string> annotations)
    {
        if (simple.Payload.Length > MaxPayloadBytes)
        {
            return CosignFinding.Invalid(CosignFault.Malformed, "is larger than a payload may be");
        }

        var signature = StrictBase64.Decode(System.Text.Encoding.Latin1.GetBytes(simple.Signature));
        return KeyOf(keys, simple.Payload.Span, signature) is { } key
            ? SimpleSigningPayload.Read(simple.Payload).FindFault(image, annotations) ?? CosignFinding.Valid(key)
            : WrongKey();
    }

    private static CosignFinding Verify(
        BundleSignature bundle, Digest image, IReadOnlyList<CosignKey> keys, IReadOnlyDictionary<string, string> annotations)
    {
        if (bundle.Bundle.Length > MaxBundleBytes)
        {
            return CosignFinding.Invalid(CosignFault.Malformed, "is larger than a bundle may be");
        }

        var read = SigstoreBundle.Read(bundle.Bundle);
        if (read.HasCertificate)
        {
            return CosignFinding.Invalid(CosignFault.MadeWithCertificate, "was made with a certificate, and the policy names keys");
        }

        var envelope = read.Envelope ?? throw new FormatException("it signs a message and no statement");
        return KeyOf(keys, envelope.SignedBytes(), envelope.Signature) is { } key
            ? InTotoStatement.FindFault(envelope, image, annotations) ?? CosignFinding.Valid(key)
            : WrongKey();
    }

    private static CosignKey? KeyOf(IReadOnlyList<CosignKey> keys, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        foreach (var key in keys)
        {
            if (key.Verify(message, signature))
            {
                return key;
            }
        }

        return null;
    }

    private static CosignFinding WrongKey() => CosignFinding.Invalid(CosignFault.WrongKey, "was made by none of the keys that the policy names");
}
