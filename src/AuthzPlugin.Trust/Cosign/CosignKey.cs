using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using AuthzPlugin.Trust.Cryptography;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// A public key that cosign signs with: ECDSA on P-256, P-384 or P-521 (DER signatures), RSA of at least 2048 bits (PKCS #1 v1.5), or
/// Ed25519 (RFC 8032, not prehashed). ECDSA hashes with SHA-256, as <c>cosign</c> does for every curve unless told otherwise, or with the
/// hash of the curve's size, as sigstore's key libraries do. Immutable, safe for concurrent use.
/// </summary>
public sealed class CosignKey
{
    private const string Label = "PUBLIC KEY";

    private readonly byte[] _info;
    private readonly KeyKind _kind;

    private CosignKey(byte[] info, KeyKind kind, string algorithm)
    {
        _info = info;
        _kind = kind;
        Algorithm = algorithm;
        Id = Convert.ToHexStringLower(SHA256.HashData(info));
    }

    private enum KeyKind
    {
        Ecdsa,
        Rsa,
        Ed25519,
    }

    /// <summary>SHA-256 of the key's SubjectPublicKeyInfo, 64 lower-case hex digits.</summary>
    public string Id { get; }

    /// <summary><c>ecdsa-p256</c>, <c>ecdsa-p384</c>, <c>ecdsa-p521</c>, <c>rsa-2048</c> …, <c>ed25519</c>.</summary>
    public string Algorithm { get; }

    /// <summary>Reads exactly one PEM block <c>PUBLIC KEY</c>, as <c>cosign generate-key-pair</c> writes it.</summary>
    /// <param name="problem">Half a sentence that says why it is no such key.</param>
    public static bool TryRead(string pem, [NotNullWhen(true)] out CosignKey? key, [NotNullWhen(false)] out string? problem)
    {
        key = null;
        if (pem.AsSpan().Count("-----BEGIN") != 1 || !PemEncoding.TryFind(pem, out var fields))
        {
            problem = "does not hold exactly one PEM block";
            return false;
        }

        if (!pem.AsSpan()[fields.Label].SequenceEqual(Label))
        {
            problem = "does not hold a PEM block PUBLIC KEY";
            return false;
        }

        key = Find(Convert.FromBase64String(pem[fields.Base64Data]));
        problem = key is null ? "holds no key that counts (ECDSA on P-256, P-384 or P-521, RSA of 2048 to 16384 bits, or Ed25519)" : null;
        return key is not null;
    }

    /// <summary>The key of a SubjectPublicKeyInfo; null when it is none that counts.</summary>
    internal static CosignKey? Find(byte[] info)
    {
        if (!PublicKeyInfo.Ed25519Key(info).IsEmpty)
        {
            return new CosignKey(info, KeyKind.Ed25519, "ed25519");
        }

        return Der.IsSingleValue(info) ? ReadEcdsa(info) ?? ReadRsa(info) : null;
    }

    /// <summary>Whether this key made the signature over the message. Whatever is not a good signature is false.</summary>
    /// <exception cref="PlatformNotSupportedException">An Ed25519 key, and no libcrypto on this system.</exception>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (_kind == KeyKind.Ed25519)
        {
            return Ed25519.Verify(PublicKeyInfo.Ed25519Key(_info), message, signature);
        }

        try
        {
            return _kind == KeyKind.Ecdsa ? VerifyEcdsa(message, signature) : VerifyRsa(message, signature);
        }
        catch (CryptographicException)
        {
            // The platform's word for a signature that is no DER.
            return false;
        }
    }

    public override string ToString() => $"{Algorithm} {Id}";

    private static CosignKey? ReadEcdsa(byte[] info)
    {
        using var ecdsa = PublicKeyInfo.TryEcdsa(info);
        return ecdsa is null ? null : new CosignKey(info, KeyKind.Ecdsa, string.Create(null, $"ecdsa-p{ecdsa.KeySize}"));
    }

    private static CosignKey? ReadRsa(byte[] info)
    {
        using var rsa = PublicKeyInfo.TryRsa(info);
        return rsa is null ? null : new CosignKey(info, KeyKind.Rsa, string.Create(null, $"rsa-{rsa.KeySize}"));
    }

    private bool VerifyEcdsa(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(_info, out _);
        foreach (var hash in HashesOf(ecdsa.KeySize))
        {
            if (ecdsa.VerifyData(message, signature, hash, DSASignatureFormat.Rfc3279DerSequence))
            {
                return true;
            }
        }

        return false;
    }

    private static HashAlgorithmName[] HashesOf(int keySize) => keySize switch
    {
        384 => [HashAlgorithmName.SHA256, HashAlgorithmName.SHA384],
        521 => [HashAlgorithmName.SHA256, HashAlgorithmName.SHA512],
        _ => [HashAlgorithmName.SHA256],
    };

    private bool VerifyRsa(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(_info, out _);
        return RsaSignatures.Verify(rsa, RSASignaturePadding.Pkcs1, message, signature);
    }
}
