using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>When a signature counts: validity, expiry, timestamps, age, revocation, each enforced or logged.</summary>
public class NotationTimeTests
{
    private const string WithTsa = "\"ca:acme\",\"tsa:clock\"";

    private static readonly DateTimeOffset After = CertificateShape.From.AddYears(11);

    [Fact]
    public void Without_a_trusted_time_every_certificate_must_be_valid_now()
    {
        var signer = NotationSigner.Make(new CertificateShape { NotAfter = Now.AddDays(1) });
        Assert.Equal(Now.AddDays(1), Verify(signer).Until);
        Assert.Equal(NotationFault.Untimely, Verify(signer, now: Now.AddDays(2)).Fault);
        Assert.Equal(NotationFault.Untimely, Verify(signer, now: CertificateShape.From.AddDays(-1)).Fault);

        var brief = NotationSigner.Make(root: CertificateShape.Authority() with { NotAfter = Now.AddDays(1) });
        Assert.Equal(NotationFault.Untimely, Verify(brief, now: Now.AddDays(2)).Fault);

        var logged = Verify(signer, TrustIn(signer.Chain[^1], Statement("permissive", "\"revocation\":\"skip\"")), Now.AddDays(2));
        Assert.True(logged.IsValid);
        Assert.Contains("only logged", logged.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_signer_s_own_expiry_is_enforced_or_logged()
    {
        var signer = NotationSigner.Make() with { Expiry = Now.AddDays(1) };
        Assert.Equal(Now.AddDays(1), Verify(signer).Until);
        Assert.Equal(NotationFault.Expired, Verify(signer, now: Now.AddDays(1)).Fault);
        Assert.Contains("only logged", Verify(signer, TrustIn(signer.Chain[^1], Statement("permissive")), Now.AddDays(1)).Detail, StringComparison.Ordinal);
        Assert.True(Verify(signer, TrustIn(signer.Chain[^1], Statement("strict", "\"expiry\":\"log\",\"revocation\":\"skip\"")), Now.AddDays(1)).IsValid);
    }

    [Fact]
    public void A_signing_authority_says_when_it_signed()
    {
        var statement = Statement(stores: "\"signingAuthority:acme\"");
        var signer = NotationSigner.Make() with { IsAuthority = true };
        var finding = Verify(signer, TrustIn(signer.Chain[^1], statement), After);
        Assert.True(finding.IsValid);
        Assert.Null(finding.Until);
        Assert.Equal(
            NotationFault.Untimely,
            Verify(signer with { MadeAt = CertificateShape.From.AddDays(-1) }, TrustIn(signer.Chain[^1], statement), After).Fault);
    }

    [Fact]
    public void A_timestamp_makes_a_signature_outlive_its_certificates()
    {
        var clock = TestTimestamps.Make(Now);
        var signer = NotationSigner.Make() with { Timestamp = clock.Sign };
        foreach (var more in new[] { "", ",\"verifyTimestamp\":\"always\"", ",\"verifyTimestamp\":\"afterCertExpiry\"" })
        {
            var trust = TrustIn(signer.Chain[^1], Statement(stores: WithTsa, more: more)).With("clock", clock.Chain[^1]);
            foreach (var format in new[] { NotationFormat.Jws, NotationFormat.Cose })
            {
                var finding = Verify(signer, trust, After, format);
                Assert.True(finding.IsValid, finding.Detail);
                Assert.Null(finding.Until);
            }
        }

        Assert.Equal(NotationFault.Untimely, Verify(signer, now: After).Fault);
    }

    [Fact]
    public void A_timestamp_is_looked_at_when_the_policy_says_so()
    {
        var clock = TestTimestamps.Make(Now);
        var signer = NotationSigner.Make();
        var always = TrustIn(signer.Chain[^1], Statement(stores: WithTsa)).With("clock", clock.Chain[^1]);
        var later = TrustIn(signer.Chain[^1], Statement(stores: WithTsa, more: ",\"verifyTimestamp\":\"afterCertExpiry\"")).With("clock", clock.Chain[^1]);
        Assert.Equal(NotationFault.Untimely, Verify(signer, always).Fault);
        Assert.True(Verify(signer, later).IsValid);
        Assert.NotNull(Verify(signer, later).Until);
        Assert.Equal(NotationFault.Untimely, Verify(signer, later, After).Fault);
    }

    public static TheoryData<string> BadClocks => [.. Clocks.Keys];

    private static readonly Dictionary<string, Func<TestTimestamps>> Clocks = new()
    {
        ["over something else"] = () => TestTimestamps.Make(Now) with { Over = [1, 2, 3] },
        ["without the hash of its certificate"] = () => TestTimestamps.Make(Now) with { NamesCertificate = false },
        ["before the certificates"] = () => TestTimestamps.Make(CertificateShape.From.AddSeconds(1)) with { Accuracy = 5 },
        ["after the certificates"] = () => TestTimestamps.Make(CertificateShape.From.AddYears(10).AddSeconds(-1)) with { Accuracy = 5 },
        ["for code"] = () => TestTimestamps.Make(Now, CertificateShape.Timestamps() with { Purposes = [CertificateShape.CodeSigning] }),
        ["for code too"] = () => TestTimestamps.Make(
            Now, CertificateShape.Timestamps() with { Purposes = [CertificateShape.TimeStamping, CertificateShape.CodeSigning] }),
        ["with a purpose that is not critical"] = () => TestTimestamps.Make(Now, CertificateShape.Timestamps() with { PurposesAreCritical = false }),
        ["an authority"] = () => TestTimestamps.Make(Now, CertificateShape.Timestamps() with { IsAuthority = true }),
        ["that may do more than sign"] = () => TestTimestamps.Make(
            Now, CertificateShape.Timestamps() with { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign }),
        ["not valid then"] = () => TestTimestamps.Make(Now, CertificateShape.Timestamps() with { NotBefore = Now.AddDays(1) }),
        ["perhaps revoked"] = () => TestTimestamps.Make(Now, CertificateShape.Timestamps() with { RevocationUri = "http://crl.example.com/x" }),
    };

    [Theory]
    [MemberData(nameof(BadClocks))]
    public void A_timestamp_that_is_none_shows_nothing(string what)
    {
        var clock = Clocks[what]();
        var signer = NotationSigner.Make() with { Timestamp = clock.Sign };
        var strict = TrustIn(signer.Chain[^1], Statement(stores: WithTsa)).With("clock", clock.Chain[^1]);
        Assert.Equal(NotationFault.Untimely, Verify(signer, strict).Fault);
        var permissive = TrustIn(signer.Chain[^1], Statement("permissive", "", WithTsa)).With("clock", clock.Chain[^1]);
        Assert.Contains("only logged", Verify(signer, permissive).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timestamp_is_signed_by_whom_the_tsa_store_knows()
    {
        var (clock, stranger) = (TestTimestamps.Make(Now), TestTimestamps.Make(Now));
        var signer = NotationSigner.Make() with { Timestamp = clock.Sign };
        var trust = TrustIn(signer.Chain[^1], Statement(stores: WithTsa));
        Assert.Equal(NotationFault.Untimely, Verify(signer, trust.With("clock", stranger.Chain[^1])).Fault);
        Assert.True(Verify(signer, trust.With("clock", stranger.Chain[^1], clock.Chain[^1])).IsValid);

        // The root need not come with the token.
        var alone = signer with { Timestamp = (clock with { Chain = [clock.Chain[0]] }).Sign };
        Assert.True(Verify(alone, trust.With("clock", clock.Chain[^1])).IsValid);

        // A changed token is none.
        var broken = signer with
        {
            Timestamp = m =>
            {
                var token = clock.Sign(m);
                token[^1] ^= 1;
                return token;
            },
        };
        Assert.Equal(NotationFault.Untimely, Verify(broken, trust.With("clock", clock.Chain[^1])).Fault);
        Assert.Equal(NotationFault.Untimely, Verify(signer with { Timestamp = _ => [1, 2, 3] }, trust.With("clock", clock.Chain[^1])).Fault);
    }

    [Fact]
    public void An_age_is_judged_by_a_time_that_is_trusted_alone()
    {
        var clock = TestTimestamps.Make(Now.AddDays(-10));
        var signer = NotationSigner.Make() with { Timestamp = clock.Sign };
        NotationTrust Young(NotationTrust trust, int days) => trust with { MaxAge = TimeSpan.FromDays(days) };
        var stamped = TrustIn(signer.Chain[^1], Statement(stores: WithTsa)).With("clock", clock.Chain[^1]);
        var later = TrustIn(signer.Chain[^1], Statement(stores: WithTsa, more: ",\"verifyTimestamp\":\"afterCertExpiry\"")).With("clock", clock.Chain[^1]);

        Assert.Equal(NotationFault.TooOld, Verify(signer, Young(TrustIn(signer.Chain[^1]), 365)).Fault);
        Assert.Equal(NotationFault.TooOld, Verify(signer, Young(stamped, 10)).Fault);
        Assert.Equal(Now.AddDays(1), Verify(signer, Young(stamped, 11)).Until);
        Assert.Equal(Now.AddDays(1), Verify(signer, Young(later, 11)).Until);
        Assert.Equal(NotationFault.TooOld, Verify(signer with { Timestamp = null }, Young(later, 11)).Fault);

        var authority = signer with { IsAuthority = true, MadeAt = Now.AddDays(-10) };
        var trusting = TrustIn(signer.Chain[^1], Statement(stores: "\"signingAuthority:acme\""));
        Assert.True(Verify(authority, Young(trusting, 11)).IsValid);
        Assert.Equal(NotationFault.TooOld, Verify(authority, Young(trusting, 9)).Fault);
        Assert.Equal(NotationFault.TooOld, Verify(authority with { MadeAt = Now.AddDays(1) }, Young(trusting, 9)).Fault);
    }

    [Fact]
    public void Lists_of_revoked_certificates_decide_when_revocation_is_enforced()
    {
        var signer = NotationSigner.Make(new CertificateShape { RevocationUri = "http://crl.example.com/acme" });
        var (leaf, root) = (signer.Chain[0], signer.Chain[^1]);
        var strict = TrustIn(root, Statement("strict", ""));
        NotationFinding With(params byte[][] lists) => Verify(signer, strict with
        {
            Revocation = new RevocationKnowledge([.. lists.Select(l => RevocationList.TryRead(l, out var list) ? list : throw new InvalidOperationException())]),
        });

        Assert.Equal(NotationFault.Revoked, Verify(signer, strict).Fault);
        Assert.Equal(NotationFault.Revoked, With().Fault);
        var good = With(root.List(Now.AddDays(-1), Now.AddDays(1)));
        Assert.True(good.IsValid, good.Detail);
        Assert.Equal(Now.AddDays(1), good.Until);
        Assert.Equal(NotationFault.Revoked, With(root.List(Now.AddDays(-1), Now.AddDays(1), leaf)).Fault);
        Assert.Equal(NotationFault.Revoked, With(root.List(Now.AddDays(-3), Now.AddDays(-2))).Fault);
        Assert.Equal(NotationFault.Revoked, With(root.List(Now.AddDays(2), Now.AddDays(3))).Fault);

        // A list that is out of date still revokes, and a stranger's says nothing.
        Assert.Equal(NotationFault.Revoked, With(root.List(Now.AddDays(-3), Now.AddDays(-2), leaf), root.List(Now.AddDays(-1), Now.AddDays(1))).Fault);
        Assert.Equal(NotationFault.Revoked, With(NotationSigner.Make().Chain[^1].List(Now.AddDays(-1), Now.AddDays(1))).Fault);

        Assert.Contains("only logged", Verify(signer, TrustIn(root, Statement("strict", "\"revocation\":\"log\""))).Detail, StringComparison.Ordinal);
        Assert.True(Verify(signer).IsValid);
    }

    [Fact]
    public void A_certificate_that_cannot_be_revoked_needs_no_list()
    {
        var signer = NotationSigner.Make();
        Assert.True(Verify(signer, TrustIn(signer.Chain[^1], Statement("strict", ""))).IsValid);
    }

    [Fact]
    public void Only_who_may_sign_lists_revokes()
    {
        var signer = NotationSigner.Make(
            new CertificateShape { RevocationUri = "http://crl.example.com/acme" }, CertificateShape.Authority() with { KeyUsage = X509KeyUsageFlags.KeyCertSign });
        Assert.True(RevocationList.TryRead(signer.Chain[^1].List(Now.AddDays(-1), Now.AddDays(1)), out var list));
        var trust = TrustIn(signer.Chain[^1], Statement("strict", "")) with { Revocation = new RevocationKnowledge([list]) };
        Assert.Equal(NotationFault.Revoked, Verify(signer, trust).Fault);
        Assert.False(RevocationList.TryRead("hello"u8.ToArray(), out _));
        Assert.False(RevocationList.TryRead(signer.Chain[0].Der, out _));
    }
}
