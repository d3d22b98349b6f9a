using System.Security.Cryptography;
using System.Text;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>
/// A key of a test repository, as a publisher holds it: what metadata says about it, and how it signs.
/// Ids are computed here on their own, so that tests compare two implementations.
/// </summary>
public abstract class TestKey
{
    private protected TestKey(string keyType, byte[] publicBytes)
    {
        KeyType = keyType;
        PublicBytes = publicBytes;
    }

    /// <summary><c>keytype</c> in metadata.</summary>
    public string KeyType { get; }

    /// <summary>What <c>keyval.public</c> holds, before base64.</summary>
    public byte[] PublicBytes { get; }

    /// <summary>Key id of Notary: of the certificate bundle for x509 keys.</summary>
    public string Id => IdOf(KeyType, PublicBytes);

    /// <summary>Id of the public key itself, whatever certificate wraps it.</summary>
    public virtual string CanonicalId => Id;

    /// <summary>The method that <see cref="Sign(byte[])"/> uses.</summary>
    public abstract string Method { get; }

    public static TestKey Ecdsa() => new EcdsaTestKey(ECCurve.NamedCurves.nistP256);

    public static TestKey Ecdsa(ECCurve curve) => new EcdsaTestKey(curve);

    public static TestKey Rsa(int bits = 2048) => new RsaTestKey(RSA.Create(bits));

    /// <summary>A key made before: making one takes long.</summary>
    public static TestKey Rsa(RSA key) => new RsaTestKey(key);

    public static TestKey Ed25519() => new Ed25519TestKey(RandomNumberGenerator.GetBytes(32));

    /// <summary>A key whose 32 secret bytes are known.</summary>
    public static TestKey Ed25519(byte[] seed) => new Ed25519TestKey(seed);

    /// <summary>A root key as Notary makes them: ECDSA P-256 in a self-signed certificate with this common name.</summary>
    public static CertificateTestKey Certificate(string commonName) => new(new TestCertificate { CommonName = commonName });

    public static CertificateTestKey Certificate(TestCertificate certificate) => new(certificate);

    /// <summary>SHA-256 over Notary's JSON of a public key.</summary>
    public static string IdOf(string keyType, byte[] publicBytes)
    {
        var json = $$$"""{"keytype":"{{{keyType}}}","keyval":{"private":null,"public":"{{{Convert.ToBase64String(publicBytes)}}}"}}""";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
    }

    /// <summary>Signs as the role's publisher does.</summary>
    public abstract byte[] Sign(byte[] message);
}

/// <summary>A plain ECDSA key.</summary>
public sealed class EcdsaTestKey : TestKey
{
    private readonly ECDsa _key;

    internal EcdsaTestKey(ECCurve curve)
        : this(ECDsa.Create(curve))
    {
    }

    private EcdsaTestKey(ECDsa key)
        : base("ecdsa", key.ExportSubjectPublicKeyInfo()) => _key = key;

    public override string Method => "ecdsa";

    public override byte[] Sign(byte[] message) =>
        _key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}

/// <summary>A plain RSA key; signs with PSS.</summary>
public sealed class RsaTestKey : TestKey
{
    internal RsaTestKey(RSA key)
        : base("rsa", key.ExportSubjectPublicKeyInfo()) => Key = key;

    public RSA Key { get; }

    public override string Method => "rsapss";

    public override byte[] Sign(byte[] message) => Key.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
}

/// <summary>An Ed25519 key from its 32-byte seed (RFC 8032).</summary>
public sealed class Ed25519TestKey : TestKey
{
    private readonly byte[] _seed;

    internal Ed25519TestKey(byte[] seed)
        : base("ed25519", Ed25519Signing.PublicKey(seed)) => _seed = seed;

    public override string Method => "eddsa";

    public override byte[] Sign(byte[] message) => Ed25519Signing.Sign(_seed, message);
}
