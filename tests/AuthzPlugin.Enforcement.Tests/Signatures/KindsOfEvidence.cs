using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Enforcement.Tests.Metrics;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Modes, exceptions, audit, approvals, metrics, verify, explain and report know every kind of evidence.</summary>
public sealed class KindsOfEvidence : IDisposable
{
    private const string Image = Repository + ":1";

    private static readonly CosignTestKey Key = CosignTestKey.Ecdsa();

    private readonly ManualTimeProvider _time = new();
    private readonly AuthorizationBench _bench;
    private readonly MetricStore _store;

    public KindsOfEvidence()
    {
        _bench = new AuthorizationBench(time: _time);
        _store = new MetricStore(_bench.Meter);
        HaveLocally(DigestOf('d').ToString());
        _bench.Trust[Repository].Tags["other"] = DigestOf('e');
    }

    public static TheoryData<EvidenceKind> Kinds => [.. EvidenceKinds.All];

    public void Dispose()
    {
        _store.Dispose();
        _bench.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_not_signed_is_refused_in_every_mode_and_excepted_naming_the_kind(EvidenceKind kind)
    {
        Use(EvidenceRule.Any, kind);
        Assert.False((await _bench.AskAsync(Create(Image))).Allow);
        Assert.Contains(Last("checks").EnumerateArray(), IsAbout(kind, "failed"));

        _bench.Policy = _bench.Policy with { Mode = EnforcementMode.Permissive };
        Assert.True((await _bench.AskAsync(Create(Image))).Allow);
        Assert.Equal("would-deny", Last("answer").GetString());

        _bench.Except(DigestOf('d').ToString(), _time.GetUtcNow().AddDays(1));
        Assert.True((await _bench.AskAsync(Create(Image))).Allow);
        Assert.Equal("excepted", Last("outcome").GetString());
        Assert.Contains(Last("checks").EnumerateArray(), IsAbout(kind, "failed"));

        AssertCounted(
            [
                ("excepted", "excepted", "request", "allow", kind.ToText()), ("refused", "not-signed", "request", "deny", kind.ToText()),
                ("refused", "not-signed", "request", "would-deny", kind.ToText()),
            ]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_signed_is_allowed_approved_verified_explained_and_reported_naming_the_kind(EvidenceKind kind)
    {
        Use(EvidenceRule.Any, kind);
        Sign(kind, 'd');
        var container = new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = DigestOf('1').ToString(), ConfiguredImage = Image };
        Assert.True((await _bench.CreateAsync(Image, container)).Response!.Allow);
        Assert.Equal([kind], EvidenceKinds.Of(_bench.Approvals.Find(container.Id)!.Evidence));
        Assert.Contains(_bench.Records()[0].GetProperty("checks").EnumerateArray(), IsAbout(kind, "passed"));
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        AssertCounted(
            [
                ("trusted", "approved", "request", "allow", kind.ToText()), ("trusted", "signed", "request", "allow", kind.ToText()),
                ("trusted", "signed", "response", "allow", kind.ToText()),
            ]);

        var inquirer = _bench.Service.Inquirer;
        var report = await inquirer.ReportHostAsync(_bench.Policy, CancellationToken.None);
        Decision[] decisions =
        [
            await inquirer.VerifyAsync(Image, _bench.Policy, null, CancellationToken.None),
            (await inquirer.ExplainAsync(Create(Image), _bench.Policy, CancellationToken.None)).Decision!,
            Assert.Single(report.Images),
            Assert.Single(report.Containers).Decision,
        ];
        Assert.All(decisions, d => Assert.Equal((Outcome.Trusted, kind), (d.Outcome, Assert.Single(d.DecidedBy))));
        Assert.All(decisions[..3], d => Assert.Contains(d.Checks, c => Words(kind).Contains(c.What) && c.Result == CheckResult.Passed));
    }

    [Fact]
    public async Task Several_kinds_that_must_all_speak_are_several_and_the_one_that_does_not_is_named()
    {
        Use(EvidenceRule.All, [.. EvidenceKinds.All]);
        foreach (var kind in EvidenceKinds.All)
        {
            Assert.False((await _bench.AskAsync(Create(Image))).Allow);
            Sign(kind, 'd');
        }

        Assert.True((await _bench.AskAsync(Create(Image))).Allow);
        AssertCounted(
            [
                ("refused", "not-signed", "request", "deny", "cosign"), ("refused", "not-signed", "request", "deny", "keyless"),
                ("refused", "not-signed", "request", "deny", "notary-v1"), ("refused", "not-signed", "request", "deny", "notation"),
                ("trusted", "signed", "request", "allow", "several"),
            ]);
    }

    [Fact]
    public async Task What_could_not_be_asked_is_named_before_what_says_no()
    {
        Use(EvidenceRule.Any, EvidenceKind.NotaryV1, EvidenceKind.Keyless);
        _bench.Signatures.Error = new TransportException(TransportFault.Unreachable, "the registry is away");
        Assert.False((await _bench.AskAsync(Create(Image))).Allow);
        AssertCounted([("undecided", "registry-unreachable", "request", "deny", "keyless")]);
    }

    [Fact]
    public async Task What_spoke_for_one_content_of_an_image_says_nothing_about_another()
    {
        // With all, cosign speaks for the first digest and notation does not; both speak for the second, by another key.
        var second = CosignTestKey.Ecdsa();
        Use(EvidenceRule.All, EvidenceKind.Cosign, EvidenceKind.Notation);
        _bench.Policy = _bench.Policy with
        {
            Signatures = new SignaturePolicies([_bench.Policy.Signatures.All[0] with { Demands = [new CosignPolicy { Keys = [Key.Public, second.Public] }, Notation()] }]),
        };
        HaveLocally(DigestOf('c').ToString(), DigestOf('d').ToString());
        Sign(EvidenceKind.Cosign, 'c');
        Sign(EvidenceKind.Notation, 'd');
        _bench.Signatures.Keys[$"{Repository}@{DigestOf('d')}"] = [second.Public.Id];

        var decision = await _bench.Service.Inquirer.VerifyAsync(Image, _bench.Policy, null, CancellationToken.None);
        Assert.Equal((Outcome.Trusted, DigestOf('d')), (decision.Outcome, decision.SignedDigest));
        Assert.Equal([second.Public.Id], Assert.Single(decision.Evidence, e => e.Kind == "cosign").KeyIds);
    }

    private static Predicate<JsonElement> IsAbout(EvidenceKind kind, string result) => c =>
        Words(kind).Contains(c.GetProperty("check").GetString()) && c.GetProperty("result").GetString() == result;

    private static string[] Words(EvidenceKind kind) => kind == EvidenceKind.NotaryV1 ? ["tag", "digest", "local-digest"] : [kind.ToText()];

    private static SignatureDemand? DemandOf(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Cosign => new CosignPolicy { Keys = [Key.Public] },
        EvidenceKind.Keyless => FindingKeylessSignatures.PolicyOf(new SigstoreSimulator()),
        EvidenceKind.Notation => Notation(),
        _ => null,
    };

    private static NotationPolicy Notation()
    {
        var json = new JsonObject { ["version"] = "1.0", ["trustPolicies"] = new JsonArray(NotationFolder.Statement()) };
        Assert.True(NotationTrustPolicy.TryRead(CosignFiles.Bytes(json), out var policy, out var problem), problem);
        return new NotationPolicy
        {
            File = "/etc/trustpolicy.json",
            TrustPolicy = policy,
            Statements = policy.Statements,
            Stores = FrozenDictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>.Empty,
        };
    }

    private void Use(EvidenceRule rule, params EvidenceKind[] kinds) => _bench.Policy = _bench.Policy with
    {
        Signatures = new SignaturePolicies(
            [
                new SignaturePolicy
                {
                    Pattern = Repository,
                    Require = rule,
                    NotaryV1 = kinds.Contains(EvidenceKind.NotaryV1),
                    Demands = [.. kinds.Select(DemandOf).OfType<SignatureDemand>()],
                },
            ]),
    };

    private void Sign(EvidenceKind kind, char digest)
    {
        var content = $"{Repository}@{DigestOf(digest)}";
        switch (kind)
        {
            case EvidenceKind.NotaryV1:
                _bench.Trust[Repository].Tags["1"] = DigestOf(digest);
                break;
            case EvidenceKind.Cosign:
                _bench.Signatures.Keys[content] = [Key.Public.Id];
                break;
            default:
                _bench.Signatures.Signers[(kind, content)] = ["somebody"];
                break;
        }
    }

    private void HaveLocally(params string[] digests)
    {
        var image = new SimulatedImage(DigestOf('1').ToString(), [.. digests.Select(d => $"{Repository}@{d}")]);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[Image] = image.Id;
    }

    private JsonElement Last(string member) => _bench.Records()[^1].GetProperty(member);

    private void AssertCounted((string Outcome, string Reason, string Phase, string Answer, string Evidence)[] expected) => Assert.Equal(
        expected.Select(e => $"content_trust_decisions_total{{outcome=\"{e.Outcome}\",reason=\"{e.Reason}\",phase=\"{e.Phase}\",answer=\"{e.Answer}\",evidence=\"{e.Evidence}\"}}"),
        Scrape.Of(_store).Of("content_trust_decisions_total"));
}
