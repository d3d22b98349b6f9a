using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>The certificates of a signature must be what the specification says, whoever is trusted.</summary>
public class ChainRulesTests
{
    private static readonly CertificateShape Leaf = new();

    public static TheoryData<string> BadLeaves => [.. Leaves.Keys];

    private static readonly Dictionary<string, CertificateShape> Leaves = new()
    {
        ["a certificate authority"] = Leaf with { IsAuthority = true },
        ["no key usage"] = Leaf with { KeyUsage = null },
        ["a key usage that is not critical"] = Leaf with { KeyUsageIsCritical = false },
        ["a key that may not sign"] = Leaf with { KeyUsage = X509KeyUsageFlags.NonRepudiation },
        ["a key that may sign certificates"] = Leaf with { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign },
        ["a key that may encipher"] = Leaf with { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment },
        ["for servers"] = Leaf with { Purposes = ["1.3.6.1.5.5.7.3.1"] },
        ["for servers too"] = Leaf with { Purposes = [CertificateShape.CodeSigning, "1.3.6.1.5.5.7.3.1"] },
        ["for any purpose"] = Leaf with { Purposes = ["2.5.29.37.0"] },
        ["for timestamps"] = Leaf with { Purposes = [CertificateShape.TimeStamping] },
        ["a key of another size"] = Leaf with { Key = "RS2560" },
        ["a small key"] = Leaf with { Key = "RS1024" },
    };

    [Theory]
    [MemberData(nameof(BadLeaves))]
    public void A_signing_certificate_must_be_for_code_signing_alone(string what) =>
        Assert.Equal(NotationFault.BadCertificates, Verify(NotationSigner.Make(Leaves[what])).Fault);

    [Fact]
    public void Purposes_and_constraints_of_a_signing_certificate_may_be_missing_or_say_that_it_is_no_authority()
    {
        Assert.True(Verify(NotationSigner.Make(Leaf with { Purposes = [] })).IsValid);
        Assert.True(Verify(NotationSigner.Make(Leaf with { PurposesAreCritical = true })).IsValid);
        Assert.True(Verify(NotationSigner.Make(Leaf with { IsAuthority = false })).IsValid);
        Assert.True(Verify(NotationSigner.Make(Leaf with { IsAuthority = false, ConstraintsAreCritical = false })).IsValid);
        Assert.True(Verify(NotationSigner.Make(Leaf with { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation })).IsValid);
    }

    public static TheoryData<string> BadAuthorities => [.. Authorities.Keys];

    private static readonly Dictionary<string, CertificateShape> Authorities = new()
    {
        ["no constraints"] = CertificateShape.Authority() with { IsAuthority = null },
        ["no authority"] = CertificateShape.Authority() with { IsAuthority = false },
        ["constraints that are not critical"] = CertificateShape.Authority() with { ConstraintsAreCritical = false },
        ["no key usage"] = CertificateShape.Authority() with { KeyUsage = null },
        ["a key usage that is not critical"] = CertificateShape.Authority() with { KeyUsageIsCritical = false },
        ["no right to sign certificates"] = CertificateShape.Authority() with { KeyUsage = X509KeyUsageFlags.CrlSign },
        ["a small key"] = CertificateShape.Authority() with { Key = "RS1024" },
    };

    [Theory]
    [MemberData(nameof(BadAuthorities))]
    public void An_authority_must_be_one(string what) =>
        Assert.Equal(NotationFault.BadCertificates, Verify(NotationSigner.Make(root: Authorities[what])).Fault);

    [Fact]
    public void A_path_may_be_as_long_as_its_authorities_say()
    {
        Assert.True(Verify(Three(0, null)).IsValid);
        Assert.True(Verify(Three(0, 1)).IsValid);
        Assert.Equal(NotationFault.BadCertificates, Verify(Three(0, 0)).Fault);
    }

    [Fact]
    public void The_chain_is_complete_in_order_and_has_nothing_else()
    {
        var signer = Three(null, null);
        var (leaf, middle, root) = (signer.Chain[0], signer.Chain[1], signer.Chain[2]);
        NotationFault? Of(params TestCertificate[] chain) => Verify(signer with { Chain = chain, Key = leaf }, TrustIn(root)).Fault;

        Assert.Null(Of(leaf, middle, root));
        Assert.Equal(NotationFault.BadCertificates, Of(leaf, root));
        Assert.Equal(NotationFault.BadCertificates, Of(leaf, middle));
        Assert.Equal(NotationFault.BadCertificates, Of(leaf, root, middle));
        Assert.Equal(NotationFault.BadCertificates, Of(leaf, middle, root, root));
        Assert.Equal(NotationFault.BadCertificates, Of(leaf, middle, root, NotationSigner.Make().Chain[^1]));
        Assert.Equal(NotationFault.BadSignature, Of(middle, leaf, root));
    }

    [Fact]
    public void An_issuer_is_one_by_name_and_by_signature()
    {
        var (real, same) = (TestCertificate.Make(CertificateShape.Authority()), TestCertificate.Make(CertificateShape.Authority()));
        var leaf = TestCertificate.Make(Leaf, real);
        Assert.Equal(NotationFault.BadCertificates, Verify(new NotationSigner { Chain = [leaf, same] }).Fault);
    }

    [Fact]
    public void Hashes_that_are_broken_sign_no_certificates()
    {
        var root = TestCertificate.Make(CertificateShape.Authority());
        var old = TestCertificate.Make(CertificateShape.Authority() with { Key = "RS2048" });
        var leaf = TestCertificate.Make(Leaf, old, generator: new Sha1Generator((RSA)old.Key));
        Assert.Equal(NotationFault.BadCertificates, Verify(new NotationSigner { Chain = [leaf, old] }).Fault);
        foreach (var hash in new[] { HashAlgorithmName.SHA384, HashAlgorithmName.SHA512 })
        {
            Assert.True(Verify(new NotationSigner { Chain = [TestCertificate.Make(Leaf, root, hash), root] }).IsValid);
        }
    }

    [Fact]
    public void Files_hold_certificates_in_both_forms()
    {
        var chain = Three(null, null).Chain;
        var pem = System.Text.Encoding.ASCII.GetBytes("# comment\n" + chain[2].Pem + chain[1].Pem);
        Assert.Equal([Read(chain[2]), Read(chain[1])], NotationCertificate.ReadFile(pem, 2, out var problem));
        Assert.Null(problem);
        Assert.Equal([Read(chain[2])], NotationCertificate.ReadFile(chain[2].Der, 2, out _));
        foreach (var (file, most) in new (byte[], int)[] { (pem, 1), ("hello"u8.ToArray(), 2), ([], 2), ([.. chain[2].Der, 0], 2) })
        {
            Assert.Empty(NotationCertificate.ReadFile(file, most, out problem));
            Assert.NotNull(problem);
        }

        Assert.True(Read(chain[2]).MayBeTrusted(forTimestamps: true));
        Assert.False(Read(chain[1]).MayBeTrusted(forTimestamps: true));
        Assert.True(Read(chain[1]).MayBeTrusted(forTimestamps: false));
        Assert.False(Read(chain[0]).MayBeTrusted(forTimestamps: false));
        Assert.True(Read(TestCertificate.Make(Leaf)).MayBeTrusted(forTimestamps: false));
    }

    private sealed class Sha1Generator(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300d06092a864886f70d0101050500");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }

    private static NotationSigner Three(int? middleLength, int? rootLength)
    {
        var root = TestCertificate.Make(CertificateShape.Authority() with { PathLength = rootLength });
        var middle = TestCertificate.Make(CertificateShape.Authority("CN=Acme Issuing, O=Acme, S=WA, C=US") with { PathLength = middleLength, Key = "RS2048" }, root);
        return new NotationSigner { Chain = [TestCertificate.Make(Leaf, middle), middle, root] };
    }
}
