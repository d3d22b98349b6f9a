using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation.Revocation;
using AuthzPlugin.Trust.Tests.Mutations;
using Xunit.Abstractions;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation.Revocation;

/// <summary>What an OCSP response must be to say something about a certificate.</summary>
public class OcspTests(ITestOutputHelper output)
{
    private static readonly TestCertificate Root = TestCertificate.Make(CertificateShape.Authority());
    private static readonly TestCertificate Other = TestCertificate.Make(CertificateShape.Authority());
    private static readonly TestCertificate Leaf = TestCertificate.Make(new CertificateShape { Responders = ["http://ocsp.example.com/acme"] }, Root);
    private static readonly RevocationQuestion Question = new(Read(Leaf), Read(Root));

    private static readonly TestOcsp ByIssuer = new() { Issuer = Root, From = Now.AddHours(-1), Until = Now.AddDays(1) };
    private static readonly TestOcsp ByDelegate = ByIssuer with { Signer = TestCertificate.Make(CertificateShape.Responder(), Root) };

    [Fact]
    public void A_request_names_the_certificate_and_nothing_else()
    {
        var request = Question.ToOcsp();
        Assert.True(OcspResponse.TryRead(ByIssuer.Answer(Leaf), out var response, out _));

        // Four sequences, and in them the name of the certificate as the answer has it.
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal((0x30, request.Length - (2 * i) - 2), (request[2 * i], request[(2 * i) + 1])));
        Assert.Contains(Convert.ToHexString(request)[16..], Convert.ToHexString(ByIssuer.Answer(Leaf)), StringComparison.Ordinal);
        Assert.Single(response.Answers);
    }

    public static TheoryData<string> Answers => [.. Good.Keys];

    private static readonly Dictionary<string, (TestOcsp Responder, CertificateStatus Status)> Good = new()
    {
        ["by the issuer"] = (ByIssuer, CertificateStatus.Good),
        ["by the issuer, named by its key"] = (ByIssuer with { NamesKey = true }, CertificateStatus.Good),
        ["by a delegate"] = (ByDelegate, CertificateStatus.Good),
        ["by a delegate, named by its key"] = (ByDelegate with { NamesKey = true }, CertificateStatus.Good),
        ["by a delegate that names no revocation"] = (Delegate(CertificateShape.Responder() with { IsNeverRevoked = false }), CertificateStatus.Good),
        ["by a delegate that names one and need not be checked"] =
            (Delegate(CertificateShape.Responder() with { RevocationUri = "http://crl.example.com/" }), CertificateStatus.Good),
        ["among strangers"] = (ByDelegate with { Certificates = [Leaf, Other, ByDelegate.Signer!] }, CertificateStatus.Good),
        ["revoked by the issuer"] = (ByIssuer with { Status = "revoked" }, CertificateStatus.Revoked),
        ["revoked by a delegate"] = (ByDelegate with { Status = "revoked" }, CertificateStatus.Revoked),
        ["revoked, and out of date"] = (ByIssuer with { Status = "revoked", Until = Now.AddMinutes(-1) }, CertificateStatus.Revoked),
        ["unknown"] = (ByIssuer with { Status = "unknown" }, CertificateStatus.Unknown),
        ["from a clock that is ahead"] = (ByIssuer with { From = Now.AddMinutes(5) }, CertificateStatus.Good),
        ["with extensions that are not critical"] = (ByIssuer with { ExtensionIsCritical = false, SingleExtensionIsCritical = false }, CertificateStatus.Good),
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_by_the_issuer_or_whom_it_authorised_counts(string what)
    {
        var (responder, status) = Good[what];
        var verdict = Judge(responder);
        Assert.True(verdict.Status == status, $"{what}: {verdict.Problem}");
        Assert.Equal(responder.Until, verdict.Until);
    }

    public static TheoryData<string> Nothings => [.. Bad.Keys];

    private static readonly Dictionary<string, (TestOcsp Responder, string Problem)> Bad = new()
    {
        ["unsuccessful"] = (ByIssuer with { ResponseStatus = 3 }, "not successful"),
        ["another serial number"] = (ByIssuer with { Serial = [1] }, "another certificate"),
        ["another issuer's name"] = (ByIssuer with { NameOf = TestCertificate.Make(CertificateShape.Authority("CN=Else")) }, "another certificate"),
        ["another issuer's key"] = (ByIssuer with { KeyOf = Other }, "another certificate"),
        ["another hash"] = (ByIssuer with { Hash = "2.16.840.1.101.3.4.2.1" }, "another certificate"),
        ["no answer"] = (ByIssuer with { Count = 0 }, "another certificate"),
        ["two answers"] = (ByIssuer with { Count = 2 }, "twice"),
        ["too many answers"] = (ByIssuer with { Count = 17 }, "too many questions"),
        ["a critical extension"] = (ByIssuer with { ExtensionIsCritical = true }, "critical extension"),
        ["a critical extension of the answer"] = (ByIssuer with { SingleExtensionIsCritical = true }, "critical extension"),
        ["out of date"] = (ByIssuer with { Until = Now }, "due to be renewed"),
        ["without an end, and old"] = (ByIssuer with { From = Now.AddMinutes(-10), Until = null }, "due to be renewed"),
        ["from the future"] = (ByIssuer with { From = Now.AddMinutes(5).AddSeconds(1) }, "from the future"),
        ["revoked from the future"] = (ByIssuer with { Status = "revoked", From = Now.AddMinutes(6) }, "from the future"),
        ["by another authority of the same name"] = (ByIssuer with { Signer = Other, Certificates = [] }, "neither the issuer signed"),
        ["by another authority that comes with it"] = (ByIssuer with { Signer = Other }, "did not issue"),
        ["by somebody else than it names"] = (ByIssuer with { NamedResponder = Leaf }, "neither the issuer signed"),
        ["by a delegate that does not come with it"] = (ByDelegate with { Certificates = [] }, "neither the issuer signed"),
        ["by a delegate of another authority"] =
            (ByIssuer with { Signer = TestCertificate.Make(CertificateShape.Responder(), Other) }, "did not issue"),
        ["by a delegate of a delegate"] = (
            ByIssuer with
            {
                Signer = TestCertificate.Make(CertificateShape.Responder("CN=x"), ByDelegate.Signer),
                Certificates = [TestCertificate.Make(CertificateShape.Responder("CN=x"), ByDelegate.Signer), ByDelegate.Signer!],
            },
            "neither the issuer signed"),
        ["by the certificate itself"] = (ByIssuer with { Signer = Leaf }, "not for OCSP"),
        ["by a delegate for anything"] = (Delegate(CertificateShape.Responder() with { Purposes = ["2.5.29.37.0"] }), "not for OCSP"),
        ["by a delegate without purposes"] = (Delegate(CertificateShape.Responder() with { Purposes = [] }), "not for OCSP"),
        ["by a delegate that may not sign"] = (Delegate(CertificateShape.Responder() with { KeyUsage = X509KeyUsageFlags.KeyEncipherment }), "may not sign"),
        ["by a delegate that is an authority"] = (Delegate(CertificateShape.Responder() with { IsAuthority = true }), "another authority"),
        ["by a delegate that is not valid yet"] = (Delegate(CertificateShape.Responder() with { NotBefore = Now.AddSeconds(1) }), "not valid now"),
        ["by a delegate that has expired"] = (Delegate(CertificateShape.Responder() with { NotAfter = Now.AddSeconds(-1) }), "not valid now"),
        ["revoked by a delegate that has expired"] =
            (Delegate(CertificateShape.Responder() with { NotAfter = Now.AddSeconds(-1) }) with { Status = "revoked" }, "not valid now"),
        ["by a delegate that may be revoked"] =
            (Delegate(CertificateShape.Responder() with { IsNeverRevoked = false, RevocationUri = "http://crl.example.com/" }), "may be revoked itself"),
        ["by a delegate with an unknown critical extension"] = (
            Delegate(CertificateShape.Responder() with { Others = [new X509Extension(new Oid("1.2.3.4"), [5, 0], critical: true)] }),
            "critical extension that is not known"),
        ["with too many certificates"] = (ByDelegate with { Certificates = [.. Enumerable.Repeat(ByDelegate.Signer!, 9)] }, "too many certificates"),
    };

    [Theory]
    [MemberData(nameof(Nothings))]
    public void What_is_not_so_says_nothing(string what)
    {
        var (responder, problem) = Bad[what];
        var verdict = Judge(responder);
        Assert.Null(verdict.Status);
        Assert.Contains(problem, verdict.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_without_an_end_counts_for_minutes()
    {
        var verdict = Judge(ByIssuer with { From = Now.AddMinutes(-1), Until = null });
        Assert.Equal((CertificateStatus.Good, Now.AddMinutes(9)), (verdict.Status, verdict.Until));
    }

    [Fact]
    public void What_is_no_response_is_not_read()
    {
        foreach (var bytes in new[] { [], "garbage"u8.ToArray(), [0x30, 3, 0x0a, 1, 0], Leaf.Der, new byte[OcspResponse.MaxBytes + 1], [.. ByIssuer.Answer(Leaf), 0] })
        {
            Assert.False(OcspResponse.TryRead(bytes, out _, out var problem));
            Assert.StartsWith("sends ", problem, StringComparison.Ordinal);
        }

        Assert.False(OcspResponse.TryRead(new byte[] { 0x30, 3, 0x0a, 1, 6 }, out _, out var refused));
        Assert.Contains("not successful", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("good", false)]
    [InlineData("good", true)]
    [InlineData("revoked", true)]
    public void A_changed_byte_is_refused_or_changes_nothing(string status, bool isDelegated)
    {
        var random = new Random(20261126);
        var responder = (isDelegated ? ByDelegate : ByIssuer) with { Status = status };
        var (same, refused) = (0, 0);
        var file = responder.Answer(Leaf);
        var before = Judge(file);
        Assert.NotNull(before.Status);
        foreach (var i in Enumerable.Range(0, file.Length).SelectMany(i => Enumerable.Repeat(i, 4)))
        {
            var verdict = Judge(SingleByte.Of(file, i, random));
            (same, refused) = verdict.Status is null ? (same, refused + 1) : (same + 1, refused);
            Assert.True(verdict.Status is null || verdict == before, $"byte {i}: {verdict}");
        }

        Assert.True(refused > same * 10, $"{refused} refused, {same} unchanged");
        output.WriteLine($"figure: OCSP response ({status}), changed bytes: {refused} refused, {same} without effect, 0 accepted with another meaning");
    }

    private static TestOcsp Delegate(CertificateShape shape) => ByIssuer with { Signer = TestCertificate.Make(shape, Root) };

    private static RevocationVerdict Judge(TestOcsp responder) => Judge(responder.Answer(Leaf));

    private static RevocationVerdict Judge(byte[] bytes) => OcspResponse.TryRead(bytes, out var response, out var problem)
        ? Question.Judge(response, Now)
        : new RevocationVerdict(null, DateTimeOffset.MinValue, problem);
}
