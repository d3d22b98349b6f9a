using System.Security.Cryptography;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>A private key that signs as cosign does.</summary>
public sealed class CosignTestKey
{
    private readonly Func<byte[], byte[]> _sign;

    private CosignTestKey(string pem, Func<byte[], byte[]> sign)
    {
        Pem = pem;
        _sign = sign;
        Public = CosignKey.TryRead(pem, out var key, out var problem) ? key : throw new InvalidOperationException(problem);
    }

    /// <summary>The public key file.</summary>
    public string Pem { get; }

    public CosignKey Public { get; }

    /// <summary>ECDSA; SHA-256 unless another hash is named.</summary>
    public static CosignTestKey Ecdsa(ECCurve? curve = null, HashAlgorithmName? hash = null)
    {
        var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        return new CosignTestKey(
            key.ExportSubjectPublicKeyInfoPem(),
            message => key.SignData(message, hash ?? HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    public static CosignTestKey Rsa(int bits = 2048)
    {
        var key = RSA.Create(bits);
        return new CosignTestKey(
            key.ExportSubjectPublicKeyInfoPem(), message => key.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static CosignTestKey Ed25519()
    {
        var seed = RandomNumberGenerator.GetBytes(32);
        byte[] info = [.. Convert.FromHexString("302a300506032b6570032100"), .. Ed25519Signing.PublicKey(seed)];
        return new CosignTestKey(PemEncoding.WriteString("PUBLIC KEY", info), message => Ed25519Signing.Sign(seed, message));
    }

    public byte[] Sign(byte[] message) => _sign(message);
}
