using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation.Revocation;

/// <summary>What a verification asks about revocation, and what it makes of the answers.</summary>
public class RevocationKnowledgeTests
{
    private const string Ocsp = "http://ocsp.example.com/";
    private const string Crl = "http://crl.example.com/";

    private readonly NotationSigner _signer;
    private readonly TestCertificate _root;
    private readonly TestCertificate _middle;

    public RevocationKnowledgeTests()
    {
        _root = TestCertificate.Make(CertificateShape.Authority());
        _middle = TestCertificate.Make(CertificateShape.Authority("CN=Middle, O=Acme, S=WA, C=US") with { RevocationUri = Crl }, _root);
        _signer = new NotationSigner
        {
            Chain = [TestCertificate.Make(new CertificateShape { Responders = [Ocsp], RevocationUri = Crl }, _middle), _middle, _root],
        };
    }

    private RevocationQuestion OfLeaf => new(Read(_signer.Chain[0]), Read(_middle));

    private RevocationQuestion OfMiddle => new(Read(_middle), Read(_root));

    private TestOcsp Responder => new() { Issuer = _middle, From = Now.AddHours(-1), Until = Now.AddHours(5) };

    [Fact]
    public void Every_certificate_that_names_revocation_is_asked_about_once()
    {
        var finding = Judge("enforce");
        Assert.Equal((NotationFault.Revoked, true), (finding.Fault, finding.MayBeRevoked));
        Assert.Equal([OfLeaf, OfMiddle], finding.Questions);

        var nothing = Judge("enforce", new RevocationReply(OfLeaf, [], [], "nobody answers"), new RevocationReply(OfMiddle, [], [], "nobody answers"));
        Assert.Equal((NotationFault.Revoked, true), (nothing.Fault, nothing.MayBeRevoked));
        Assert.Empty(nothing.Questions);
        Assert.Contains("may be revoked: nobody answers", nothing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_asked_where_revocation_is_skipped_or_something_else_is_wrong()
    {
        Assert.Empty(Judge("skip").Questions);
        var stranger = NotationVerifier.Verify(_signer.Sign(NotationFormat.Jws, Payload), Image, TrustIn(NotationSigner.Make().Chain[^1], Statement("strict", "")), Now);
        Assert.Equal((NotationFault.Untrusted, 0), (stranger.Fault, stranger.Questions.Count));
        var expired = Verify(_signer with { Expiry = Now.AddDays(-1) }, TrustIn(_root, Statement("strict", "")));
        Assert.Equal((NotationFault.Expired, 0), (expired.Fault, expired.Questions.Count));
    }

    [Fact]
    public void Where_it_is_logged_it_is_asked_all_the_same()
    {
        var finding = Judge("log");
        Assert.True(finding.IsValid);
        Assert.Equal(2, finding.Questions.Count);
        var revoked = Judge("log", Answer(Responder with { Status = "revoked" }));
        Assert.True(revoked.IsValid);
        Assert.Contains("only logged: the certificate of CN=signer,O=Acme,L=Seattle,ST=WA,C=US was revoked", revoked.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Good_answers_count_until_the_first_of_them_ends()
    {
        var finding = Judge("enforce", Answer(Responder), List(_root, 4));
        Assert.True(finding.IsValid, finding.Detail);
        Assert.Equal(Now.AddHours(4), finding.Until);
        Assert.Empty(finding.Questions);
        Assert.Equal(Now.AddHours(5), Judge("enforce", Answer(Responder), List(_root, 6)).Until);
    }

    [Fact]
    public void The_answer_of_a_responder_goes_before_a_list_and_a_list_is_enough_without_one()
    {
        var both = new RevocationReply(OfLeaf, [Read(Responder)], [ReadList(_middle, 9)], "");
        Assert.Equal(Now.AddHours(5), Judge("enforce", both, List(_root, 20)).Until);
        foreach (var responder in new[] { Responder with { Status = "unknown" }, Responder with { Until = Now }, Responder with { Issuer = _root } })
        {
            var reply = both with { Responses = [Read(responder)] };
            Assert.Equal(Now.AddHours(9), Judge("enforce", reply, List(_root, 20)).Until);
        }

        Assert.True(Judge("enforce", both with { Lists = [], Responses = [Read(Responder with { Status = "unknown" })], Problem = "x" }, List(_root, 20)).MayBeRevoked);
    }

    [Fact]
    public void Whoever_says_revoked_is_believed()
    {
        var revoked = Responder with { Status = "revoked" };
        foreach (var reply in new RevocationReply[]
        {
            new(OfLeaf, [Read(Responder), Read(revoked)], [], ""),
            new(OfLeaf, [Read(Responder)], [ReadList(_middle, 9, _signer.Chain[0])], ""),
            new(OfLeaf, [Read(revoked)], [ReadList(_middle, 9)], ""),
            new(OfLeaf, [Read(Responder)], [ReadList(_middle, -1, _signer.Chain[0])], ""),
        })
        {
            var finding = Judge("enforce", reply, List(_root, 9));
            Assert.Equal((NotationFault.Revoked, false), (finding.Fault, finding.MayBeRevoked));
            Assert.Contains("was revoked", finding.Detail, StringComparison.Ordinal);
        }

        // Of an authority too, and before what is not known of another one.
        var authority = Judge("enforce", List(_root, 9, _middle));
        Assert.Contains("the certificate of CN=Middle", authority.Detail, StringComparison.Ordinal);
        Assert.Equal((NotationFault.Revoked, false), (authority.Fault, authority.MayBeRevoked));
    }

    [Fact]
    public void Lists_of_the_folder_count_with_the_answers_and_what_can_be_asked_is_asked_beside_them()
    {
        var folder = new RevocationKnowledge([ReadList(_middle, 3), ReadList(_root, 7)]);
        var finding = Verify(_signer, TrustIn(_root, Statement("strict", "")) with { Revocation = folder });
        Assert.True(finding.IsValid, finding.Detail);
        Assert.Equal(2, finding.Questions.Count);
        var failed = folder.With([new RevocationReply(OfLeaf, [], [], "x"), new RevocationReply(OfMiddle, [], [], "x")]);
        Assert.Equal(Now.AddHours(3), Verify(_signer, TrustIn(_root, Statement("strict", "")) with { Revocation = failed }).Until);
        var revoked = folder.With([Answer(Responder with { Status = "revoked" })]);
        Assert.False(Verify(_signer, TrustIn(_root, Statement("strict", "")) with { Revocation = revoked }).IsValid);
    }

    [Fact]
    public void Another_question_s_answer_says_nothing()
    {
        var wrong = new RevocationReply(OfLeaf, [Read(Responder with { Serial = [7] })], [ReadList(_root, 9)], "x");
        Assert.True(Judge("enforce", wrong, List(_root, 9)).MayBeRevoked);
    }

    [Fact]
    public void The_certificates_of_a_timestamp_are_asked_about_first()
    {
        var clock = TestTimestamps.Make(Now.AddHours(-1), CertificateShape.Timestamps() with { Responders = [Ocsp] });
        var stamped = _signer with { Timestamp = clock.Sign };
        var trust = TrustIn(_root, Statement("strict", "", "\"ca:acme\",\"tsa:clock\"")).With("clock", clock.Chain[^1]);
        var question = new RevocationQuestion(Read(clock.Chain[0]), Read(clock.Chain[1]));
        var first = Verify(stamped, trust);
        Assert.Equal((NotationFault.Untimely, true), (first.Fault, first.MayBeRevoked));
        Assert.Equal([question], first.Questions);

        RevocationReply Of(string status) => new(
            question, [Read(new TestOcsp { Issuer = clock.Chain[1], From = Now, Until = Now.AddHours(2), Status = status }, clock.Chain[0])], [], "");
        var second = Verify(stamped, trust with { Revocation = new RevocationKnowledge([], [Of("good")]) });
        Assert.Equal([OfLeaf, OfMiddle], second.Questions);
        var third = Verify(stamped, trust with { Revocation = new RevocationKnowledge([], [Of("good"), Answer(Responder), List(_root, 4)]) });
        Assert.True(third.IsValid, third.Detail);
        Assert.Equal(Now.AddHours(2), third.Until);
        var revoked = Verify(stamped, trust with { Revocation = new RevocationKnowledge([], [Of("revoked"), Answer(Responder), List(_root, 4)]) });
        Assert.Equal((NotationFault.Untimely, false), (revoked.Fault, revoked.MayBeRevoked));

        // An age rests on the timestamp, whatever is only logged.
        var aged = trust with { MaxAge = TimeSpan.FromDays(9), Statement = Statement("permissive", "\"revocation\":\"skip\"", "\"ca:acme\",\"tsa:clock\"") };
        Assert.True(Verify(stamped, aged).MayBeRevoked);
        var known = Verify(stamped, aged with { Revocation = new RevocationKnowledge([], [Of("good")]) });
        Assert.Equal((true, Now.AddHours(2)), (known.IsValid, known.Until));
    }

    private NotationFinding Judge(string action, params RevocationReply[] replies) => Verify(
        _signer, TrustIn(_root, Statement("strict", $"\"revocation\":\"{action}\"")) with { Revocation = new RevocationKnowledge([], replies) });

    private RevocationReply Answer(TestOcsp responder) => new(OfLeaf, [Read(responder)], [], "");

    private RevocationReply List(TestCertificate authority, int hours, params TestCertificate[] revoked) => new(OfMiddle, [], [ReadList(authority, hours, revoked)], "");

    private OcspResponse Read(TestOcsp responder, TestCertificate? about = null) =>
        OcspResponse.TryRead(responder.Answer(about ?? _signer.Chain[0]), out var response, out var problem) ? response : throw new InvalidOperationException(problem);

    private static NotationCertificate Read(TestCertificate certificate) => NotationFixture.Read(certificate);

    private static RevocationList ReadList(TestCertificate authority, int hours, params TestCertificate[] revoked) =>
        RevocationList.TryRead(authority.List(Now.AddDays(-1), Now.AddHours(hours), revoked), out var list) ? list : throw new InvalidOperationException();
}
