using System.Security.Cryptography;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Trust.Tests.Cosign;

public class CosignKeyTests
{
    private static readonly byte[] Message = "a message"u8.ToArray();

    public static TheoryData<string> Kinds => [.. Makers.Keys];

    private static readonly Dictionary<string, Func<CosignTestKey>> Makers = new()
    {
        ["ecdsa-p256"] = () => CosignTestKey.Ecdsa(),
        ["ecdsa-p384"] = () => CosignTestKey.Ecdsa(ECCurve.NamedCurves.nistP384),
        ["ecdsa-p384 with SHA-384"] = () => CosignTestKey.Ecdsa(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
        ["ecdsa-p521"] = () => CosignTestKey.Ecdsa(ECCurve.NamedCurves.nistP521),
        ["ecdsa-p521 with SHA-512"] = () => CosignTestKey.Ecdsa(ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512),
        ["rsa-2048"] = () => CosignTestKey.Rsa(),
        ["rsa-3072"] = () => CosignTestKey.Rsa(3072),
        ["ed25519"] = CosignTestKey.Ed25519,
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_key_verifies_its_own_signatures_and_no_others(string kind)
    {
        var key = Makers[kind]();
        Assert.Equal(kind.Split(' ')[0], key.Public.Algorithm);
        Assert.Equal(64, key.Public.Id.Length);
        var signature = key.Sign(Message);
        Assert.True(key.Public.Verify(Message, signature));
        Assert.False(key.Public.Verify("another message"u8, signature));
        Assert.False(key.Public.Verify(Message, Makers[kind]().Sign(Message)));
        Assert.False(key.Public.Verify(Message, []));
        Assert.False(key.Public.Verify(Message, signature.AsSpan(1)));
        Assert.False(key.Public.Verify(Message, [.. signature, 0]));
    }

    [Fact]
    public void A_hash_that_does_not_belong_to_the_curve_does_not_count()
    {
        var key = CosignTestKey.Ecdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA512);
        Assert.False(key.Public.Verify(Message, key.Sign(Message)));
    }

    public static TheoryData<string, string> NoKeys => new()
    {
        { "empty", "" },
        { "no PEM", "hello" },
        { "a private key", ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem() },
        { "two keys", CosignTestKey.Ecdsa().Pem + "\n" + CosignTestKey.Ecdsa().Pem },
        { "a small RSA key", RSA.Create(1024).ExportSubjectPublicKeyInfoPem() },
        { "another curve", ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1).ExportSubjectPublicKeyInfoPem() },
        { "something after the key", PemEncoding.WriteString("PUBLIC KEY", [.. ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfo(), 0]) },
        { "not DER", PemEncoding.WriteString("PUBLIC KEY", [1, 2, 3]) },
        { "a cut Ed25519 key", PemEncoding.WriteString("PUBLIC KEY", Convert.FromHexString("302a300506032b657003210011")) },
    };

    [Theory]
    [MemberData(nameof(NoKeys))]
    public void Anything_else_is_no_key(string what, string pem)
    {
        Assert.False(CosignKey.TryRead(pem, out var key, out var problem), what);
        Assert.Null(key);
        Assert.False(string.IsNullOrEmpty(problem), what);
    }
}
