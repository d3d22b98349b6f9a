using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.References;
using PublicKey = AuthzPlugin.Trust.Metadata.PublicKey;

namespace AuthzPlugin.Trust.Tests.Certificates;

/// <summary>Lines 84 to 88, 98 and 99 of notary-v1.md 7: which bundles may speak for a repository at all.</summary>
public sealed class RootKeyTests
{
    private const string Name = "registry.example.com/team/app";

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RSA Rsa2048 = RSA.Create(2048);
    private static readonly TestCertificate Leaf = new() { CommonName = Name };
    private static readonly TestCertificate Ca = new() { CommonName = "ca", IsCa = true };
    private static readonly string LeafPem = TestCertificate.ToPem(Leaf.ToDer());
    private static readonly string CaPem = TestCertificate.ToPem(Ca.ToDer());

    public static TheoryData<string, TestCertificate> GoodCertificates => new()
    {
        { "ECDSA P-256", Leaf },
        { "ECDSA P-384", Leaf with { Key = ECDsa.Create(ECCurve.NamedCurves.nistP384) } },
        { "RSA 2048", Leaf with { Key = Rsa2048 } },
        { "L087 leaf, intermediate, root", Leaf with { Intermediates = [Ca, Ca with { CommonName = "root" }] } },
        { "wildcard name", Leaf with { CommonName = "registry.example.com/*" } },
        { "L098 ends in 30 days", Leaf with { NotAfter = Now.AddDays(30) } },
        { "L098 ends now", Leaf with { NotAfter = Now } },
        { "L098 begins within a day", Leaf with { NotBefore = Now.AddHours(24) } },
        { "the last of two common names", Leaf with { Subject = new X500DistinguishedName($"CN={Name}, CN=other") } },
    };

    public static TheoryData<string, TestCertificate, string> UnfitCertificates => new()
    {
        { "L084 another name", Leaf with { CommonName = "registry.example.com/team/other" }, "is issued to registry.example.com/team/other" },
        { "L084 a longer name", Leaf with { CommonName = Name + "2" }, "is issued to" },
        { "L084 no common name", Leaf with { Subject = new X500DistinguishedName("O=" + Name) }, "is issued to nobody" },
        { "L084 the first of two common names", Leaf with { Subject = new X500DistinguishedName($"CN=other, CN={Name}") }, "is issued to other" },
        { "a name with a control character", Leaf with { CommonName = "a\nb" }, "is issued to a\\u000ab" },
        { "L098 expired", Leaf with { NotAfter = Now.AddSeconds(-1) }, "expired at" },
        { "L098 begins in more than a day", Leaf with { NotBefore = Now.AddHours(24).AddSeconds(1) }, "is not valid before" },
        { "L098 SHA-1", Leaf with { Hash = HashAlgorithmName.SHA1 }, "weak hash" },
        { "L098 SHA-1 with RSA", Leaf with { Key = Rsa2048, Hash = HashAlgorithmName.SHA1 }, "weak hash" },
        { "MD5 with RSA", Leaf with { Key = Rsa2048, Hash = HashAlgorithmName.MD5 }, "weak hash" },
        { "L098 RSA 1024", Leaf with { Key = RSA.Create(1024) }, "1024 bits" },
        { "L099 expired intermediate", Leaf with { Intermediates = [Ca with { NotAfter = Now.AddDays(-1) }] }, "expired at" },
        { "L099 SHA-1 intermediate", Leaf with { Intermediates = [Ca with { Hash = HashAlgorithmName.SHA1 }] }, "weak hash" },
    };

    public static TheoryData<string, string> UnreadableBundles => new()
    {
        { "L085 nothing", "" },
        { "L085 not PEM", "garbage" },
        { "L085 PEM of garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
        { "a public key", Rsa2048.ExportSubjectPublicKeyInfoPem() + "\n" },
        { "L086 only a CA certificate", CaPem },
        { "L087 intermediate before leaf", CaPem + LeafPem },
        { "L088 two leaves", LeafPem + TestCertificate.ToPem(Leaf.ToDer()) },
        { "the same leaf twice", LeafPem + LeafPem },
        { "a certificate that is cut off", LeafPem + TestCertificate.ToPem(Ca.ToDer()[..^1]) },
        { "bytes after a certificate", TestCertificate.ToPem([.. Leaf.ToDer(), 0]) },
        { "CRLF", LeafPem.Replace("\n", "\r\n", StringComparison.Ordinal) },
        { "no line end at the end", LeafPem.TrimEnd() },
        { "a blank line between", LeafPem + "\n" + CaPem },
        { "text before", "x\n" + LeafPem },
        { "text after", LeafPem + "x\n" },
        { "headers", LeafPem.Replace("-----\nM", "-----\nA: b\n\nM", StringComparison.Ordinal) },
        { "76 columns", $"-----BEGIN CERTIFICATE-----\n{LongLines(Leaf.ToDer())}\n-----END CERTIFICATE-----\n" },
        { "17 certificates", LeafPem + string.Concat(Enumerable.Repeat(CaPem, 16)) },
    };

    [Theory]
    [MemberData(nameof(GoodCertificates))]
    public void A_good_bundle_speaks_for_its_repository(string name, TestCertificate certificate)
    {
        var key = TestKey.Certificate(certificate);

        var read = RootKey.TryRead(Listed(key), 16, out var problem);

        Assert.True(read is not null, $"{name}: {problem}");
        Assert.Null(read.Problem(Repository(Name), Now));
        Assert.Equal(key.Id, read.Key.Id);
        Assert.Equal(key.CanonicalId, read.CanonicalId);
    }

    [Theory]
    [MemberData(nameof(UnfitCertificates))]
    public void An_unfit_certificate_makes_the_key_unusable(string name, TestCertificate certificate, string expected)
    {
        var read = RootKey.TryRead(Listed(TestKey.Certificate(certificate)), 16, out var problem);

        Assert.True(read is not null, $"{name}: {problem}");
        Assert.Contains(expected, read.Problem(Repository(Name), Now), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(UnreadableBundles))]
    public void A_bundle_that_the_Notary_client_would_not_write_is_no_root_key(string name, string bundle)
    {
        var read = RootKey.TryRead(new PublicKey("ecdsa-x509", Encoding.ASCII.GetBytes(bundle)), 16, out var problem);

        Assert.True(read is null, name);
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("rsa-x509")]
    [InlineData("ecdsa")]
    [InlineData("ECDSA-x509")]
    public void The_listed_type_must_be_that_of_the_certificate(string type)
    {
        Assert.Null(RootKey.TryRead(new PublicKey(type, Encoding.ASCII.GetBytes(LeafPem)), 16, out var problem));
        Assert.Contains("listed as", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_time_expired_certificates_may_have_spoken()
    {
        var expired = Leaf with { NotAfter = Now.AddDays(-1), Intermediates = [Ca with { NotAfter = Now.AddDays(-1) }] };

        Assert.Null(RootKey.TryRead(Listed(TestKey.Certificate(expired)), 16, out _)!.Problem(Repository(Name), now: null));
    }

    [Fact]
    public void L098_a_certificate_that_ends_before_it_begins_is_weak() =>
        Assert.NotNull((CertificateFacts.TryRead(Leaf.ToDer())! with { NotBefore = Now.AddYears(1), NotAfter = Now }).Weakness());

    [Fact]
    public void Alternative_names_do_not_count()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("O=any", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("registry.example.com");
        names.AddUri(new Uri("https://" + Name));
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));

        Assert.Null(CertificateFacts.TryRead(certificate.RawData)!.CommonName);
    }

    [Fact]
    public void A_certificate_without_basic_constraints_is_a_leaf()
    {
        // What a version 1 certificate is, and what openssl makes for delegation keys.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Name, key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));

        Assert.False(CertificateFacts.TryRead(certificate.RawData)!.IsCa);
    }

    private static string LongLines(byte[] der) =>
        Convert.ToBase64String(der, Base64FormattingOptions.InsertLineBreaks).Replace("\r", "", StringComparison.Ordinal);

    private static PublicKey Listed(TestKey key) => new(key.KeyType, key.PublicBytes);

    private static RepositoryName Repository(string name) =>
        ImageReferenceParser.TryParseNamed(name, out var reference, out _) ? reference.Repository : throw new ArgumentException(name);
}
