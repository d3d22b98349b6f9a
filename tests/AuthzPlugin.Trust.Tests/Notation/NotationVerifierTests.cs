using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>What counts as a signature of an image in both formats, and why everything else does not.</summary>
public class NotationVerifierTests
{
    public static TheoryData<NotationFormat> Formats => [NotationFormat.Jws, NotationFormat.Cose];

    [Theory]
    [InlineData(NotationFormat.Jws, "envelope.jws.json", "jws")]
    [InlineData(NotationFormat.Cose, "envelope.cose", "cose")]
    public void What_notation_wrote_is_verified(NotationFormat format, string file, string annotation)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "vectors", "notation");
        byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(folder, name));
        var now = DateTimeOffset.Parse(
            File.ReadLines(Path.Combine(folder, "facts.txt")).First().Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var trust = new NotationTrust
        {
            Statement = Statement(identities: "\"x509.subject: C=US, ST=WA, O=Notary, CN=vector\""),
            Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>
            {
                [new(NotationStoreKind.Authority, "acme")] = NotationCertificate.ReadFile(Bytes("certificate.crt"), 1, out _),
            },
            Annotations = new Dictionary<string, string> { ["v"] = annotation },
        };
        var (target, signature) = (NotationSigner.Target(Bytes("manifest.json")), new NotationSignature(format, Bytes(file)));

        var finding = NotationVerifier.Verify(signature, target, trust, now);
        Assert.True(finding.IsValid, finding.Detail);
        Assert.Equal("CN=vector,O=Notary,L=Seattle,ST=WA,C=US", finding.Signer);
        Assert.Equal(NotationFault.WrongDigest, NotationVerifier.Verify(signature, Image, trust, now).Fault);
        Assert.Equal(NotationFault.Expired, NotationVerifier.Verify(signature, target, trust, now.AddHours(12)).Fault);
        Assert.Equal(NotationFault.Untimely, NotationVerifier.Verify(signature, target, trust with { Statement = trust.Statement with { Expiry = NotationAction.Log } }, now.AddDays(2)).Fault);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("RS2048")]
    [InlineData("RS3072")]
    [InlineData("RS4096")]
    public void Every_key_that_may_sign_is_verified_in_both_formats(string key)
    {
        var signer = NotationSigner.Make(new CertificateShape { Key = key });
        foreach (var format in new[] { NotationFormat.Jws, NotationFormat.Cose })
        {
            var finding = Verify(signer, format: format);
            Assert.True(finding.IsValid, finding.Detail);
            Assert.Equal(Read(signer.Chain[^1]), finding.Anchor);
            Assert.Equal(signer.Chain.Min(c => c.Certificate.NotAfter.ToUniversalTime()), finding.Until!.Value.UtcDateTime);
            Assert.Contains("CN=signer", finding.Detail, StringComparison.Ordinal);
            Assert.Contains("ca:acme", finding.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_signature_of_another_image_does_not_count(NotationFormat format)
    {
        var signer = NotationSigner.Make();
        Assert.Equal(NotationFault.WrongDigest, Verify(signer, format: format, payload: NotationSigner.Payload(OtherImage)).Fault);
        Assert.Equal(NotationFault.WrongDigest, Verify(signer, format: format, payload: NotationSigner.Payload(Image with { Size = 1 })).Fault);
        Assert.Equal(
            NotationFault.WrongDigest, Verify(signer, format: format, payload: NotationSigner.Payload(Image with { MediaType = "text/plain" })).Fault);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_key_that_is_not_the_certificate_s_signs_nothing(NotationFormat format)
    {
        var signer = NotationSigner.Make();
        Assert.Equal(NotationFault.BadSignature, Verify(signer with { Key = NotationSigner.Make().Chain[0] }, format: format).Fault);
        Assert.Equal(NotationFault.BadSignature, Verify(signer with { Algorithm = "ES384" }, format: format).Fault);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Signed_attributes_are_those_of_the_specification(NotationFormat format)
    {
        var signer = NotationSigner.Make();
        NotationFault? Fault(NotationSigner changed) => Verify(changed, format: format).Fault;
        Dictionary<string, string> Also(string name, string value) => new() { [name] = value };

        Assert.Equal(NotationFault.Malformed, Fault(signer with { ContentType = "text/plain" }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Critical = [] }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Critical = [NotationSigner.Scheme, NotationSigner.Scheme] }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Critical = [NotationSigner.Scheme, NotationSigner.ExpiryName] }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Expiry = Now.AddYears(1), Critical = [NotationSigner.Scheme] }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Expiry = signer.MadeAt }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Others = Also(NotationSigner.Scheme, "notary.x509.other") }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { Others = Also(NotationSigner.SigningTime, "") }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { IsAuthority = true, Critical = [NotationSigner.Scheme] }));
        Assert.Equal(NotationFault.Malformed, Fault(signer with { IsAuthority = true, Others = Also(NotationSigner.SigningTime, "2026-02-01T00:00:00Z") }));
        Assert.Equal(
            NotationFault.Malformed,
            Fault(signer with { Others = Also(NotationSigner.AuthenticSigningTime, "2026-02-01T00:00:00Z"), Critical = [NotationSigner.Scheme, NotationSigner.AuthenticSigningTime] }));
        Assert.Equal(NotationFault.UnknownCritical, Fault(signer with { Others = Also("com.example.x", "1"), Critical = [NotationSigner.Scheme, "com.example.x"] }));
        Assert.Null(Fault(signer with { Others = Also("com.example.x", "1") }));

        const string Plugin = "io.cncf.notary.verificationPlugin";
        Assert.Equal(NotationFault.NeedsPlugin, Fault(signer with { Others = Also(Plugin, "com.example.p"), Critical = [NotationSigner.Scheme, Plugin] }));
        Assert.Equal(NotationFault.NeedsPlugin, Fault(signer with { Others = Also(Plugin, "com.example.p") }));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Annotations_that_are_demanded_must_be_signed(NotationFormat format)
    {
        var signer = NotationSigner.Make();
        var trust = TrustIn(signer.Chain[^1]) with { Annotations = new Dictionary<string, string> { ["env"] = "prod" } };
        byte[] With(string value) => NotationSigner.Payload(Image, new Dictionary<string, string> { ["env"] = value, ["other"] = "x" });

        Assert.True(Verify(signer, trust, format: format, payload: With("prod")).IsValid);
        Assert.Equal(NotationFault.WrongAnnotation, Verify(signer, trust, format: format, payload: With("test")).Fault);
        Assert.Equal(NotationFault.WrongAnnotation, Verify(signer, trust, format: format).Fault);
    }

    [Fact]
    public void Only_certificates_of_the_right_store_are_trusted()
    {
        var (signer, stranger) = (NotationSigner.Make(), NotationSigner.Make());
        Assert.Equal(NotationFault.Untrusted, Verify(signer, TrustIn(stranger.Chain[^1])).Fault);
        Assert.Equal(NotationFault.Untrusted, Verify(signer, TrustIn(signer.Chain[^1], Statement(stores: "\"ca:other\""))).Fault);
        Assert.Equal(NotationFault.Untrusted, Verify(signer, TrustIn(signer.Chain[^1], Statement(stores: "\"signingAuthority:acme\""))).Fault);

        var authority = signer with { IsAuthority = true };
        Assert.Equal(NotationFault.Untrusted, Verify(authority, TrustIn(signer.Chain[^1])).Fault);
        Assert.True(Verify(authority, TrustIn(signer.Chain[^1], Statement(stores: "\"signingAuthority:acme\""))).IsValid);

        // Whatever is in the store counts, not only roots.
        Assert.True(Verify(signer, TrustIn(signer.Chain[0])).IsValid);
    }

    [Fact]
    public void A_certificate_that_signed_itself_can_be_trusted()
    {
        var self = TestCertificate.Make(new CertificateShape());
        var signer = new NotationSigner { Chain = [self] };
        Assert.True(Verify(signer).IsValid);
        Assert.Equal(NotationFault.Untrusted, Verify(signer, TrustIn(NotationSigner.Make().Chain[^1])).Fault);
    }

    [Theory]
    [InlineData("x509.subject: C=US, ST=WA, O=Acme", true)]
    [InlineData("x509.subject: C=US, S=WA, O=Acme, CN=signer", true)]
    [InlineData("x509.subject:CN=signer,O=Acme,L=Seattle,ST=WA,C=US", true)]
    [InlineData("x509.subject: C=US, ST=WA, O=Acme, CN=other", false)]
    [InlineData("x509.subject: C=US, ST=WA, O=acme", false)]
    [InlineData("x509.subject: C=US, ST=WA, O=Acme, OU=x", false)]
    [InlineData("x509.subject: C=DE, ST=WA, O=Acme", false)]
    [InlineData("com.example.plugin:anything", false)]
    public void The_signer_must_be_one_that_the_policy_names(string identity, bool isNamed)
    {
        var signer = NotationSigner.Make();
        var finding = Verify(signer, TrustIn(signer.Chain[^1], Statement(identities: $"\"{identity}\"")));
        Assert.Equal(isNamed ? null : NotationFault.WrongIdentity, finding.Fault);
    }

    [Fact]
    public void Anybody_of_the_store_signs_when_the_policy_says_so()
    {
        var signer = NotationSigner.Make(new CertificateShape { Subject = "CN=nobody" });
        Assert.Equal(NotationFault.WrongIdentity, Verify(signer).Fault);
        Assert.True(Verify(signer, TrustIn(signer.Chain[^1], Statement(identities: "\"*\""))).IsValid);
    }

    [Fact]
    public void A_subject_with_an_attribute_twice_is_nobody()
    {
        var signer = NotationSigner.Make(new CertificateShape { Subject = "CN=signer, OU=a, OU=b, O=Acme, S=WA, C=US" });
        Assert.Equal(NotationFault.WrongIdentity, Verify(signer).Fault);
    }

    [Fact]
    public void Authenticity_is_enforced_whatever_the_level()
    {
        var signer = NotationSigner.Make();
        var (root, stranger) = (signer.Chain[^1], NotationSigner.Make().Chain[^1]);
        foreach (var (level, overrides) in new[] { ("audit", ""), ("strict", "\"authenticity\":\"log\",\"revocation\":\"skip\"") })
        {
            Assert.True(Statement(level, overrides).LogsAuthenticity);
            Assert.Equal(NotationFault.Untrusted, Verify(signer, TrustIn(stranger, Statement(level, overrides))).Fault);
            Assert.Equal(NotationFault.WrongIdentity, Verify(signer, TrustIn(root, Statement(level, overrides, identities: "\"x509.subject: C=US, ST=WA, O=B\""))).Fault);
            Assert.True(Verify(signer, TrustIn(root, Statement(level, overrides))).IsValid);
        }
    }

    [Fact]
    public void What_does_not_verify_cannot_be_asked()
    {
        var signer = NotationSigner.Make();
        var skip = TrustIn(signer.Chain[^1]) with { Statement = Statement() with { Level = "skip" } };
        Assert.Throws<ArgumentException>(() => Verify(signer, skip));
    }

    [Fact]
    public void Anything_else_is_malformed()
    {
        var signer = NotationSigner.Make();
        var trust = TrustIn(signer.Chain[^1]);
        NotationFault? Of(NotationFormat format, byte[] bytes) => NotationVerifier.Verify(new NotationSignature(format, bytes), Image, trust, Now).Fault;
        NotationFault? Jws(Action<JsonObject> change)
        {
            var json = signer.Jws(Payload);
            change(json);
            return Of(NotationFormat.Jws, Encoding.UTF8.GetBytes(json.ToJsonString()));
        }

        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Jws, []));
        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Cose, []));
        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Jws, signer.Cose(Payload)));
        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Cose, [.. signer.Cose(Payload), 0]));
        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Cose, signer.Cose(Payload)[1..]));
        Assert.Equal(NotationFault.Malformed, Of(NotationFormat.Jws, new byte[NotationVerifier.MaxEnvelopeBytes + 1]));
        Assert.Equal(NotationFault.Malformed, Jws(j => j["more"] = 1));
        Assert.Equal(NotationFault.Malformed, Jws(j => j["header"]!["x5c"] = new JsonArray()));
        Assert.Equal(NotationFault.Malformed, Jws(j => j["header"]!["x5c"] = new JsonArray("AAAA")));
        Assert.Equal(NotationFault.Malformed, Jws(j => j["signature"] = j["signature"]!.GetValue<string>() + "="));
        Assert.Equal(
            NotationFault.Malformed,
            Jws(j => j["header"]!["x5c"] = new JsonArray([.. Enumerable.Repeat(Convert.ToBase64String(signer.Chain[0].Der), 17).Select(c => JsonValue.Create(c))])));
        Assert.Equal(NotationFault.Malformed, Verify(signer, payload: "{}"u8.ToArray()).Fault);
        Assert.Equal(NotationFault.Malformed, Verify(signer, payload: "no JSON"u8.ToArray()).Fault);
    }
}
