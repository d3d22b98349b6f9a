using System.Collections.Frozen;
using System.Text.Json;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Pull, create, start and approvals under an entry of signature-policies, with Notary v1 and without.</summary>
public sealed class DecidingBySignatures : IDisposable
{
    private static readonly CosignTestKey Key = CosignTestKey.Ecdsa();
    private static readonly CosignTestKey Second = CosignTestKey.Ecdsa();

    private readonly ManualTimeProvider _time = new();
    private readonly AuthorizationBench _bench;

    public DecidingBySignatures()
    {
        _bench = new AuthorizationBench(time: _time);
        Use(new SignaturePolicy { Pattern = "registry.example.com/team/*", Demands = [Cosign()] });
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_pull_of_a_tag_asks_for_a_signature_of_what_the_registry_serves()
    {
        PutInRegistry("1", 'd');
        Assert.False((await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"))).Allow);
        Assert.Equal("not-signed", _bench.LastReason());

        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"))).Allow);
        Assert.Equal((DigestOf('d').ToString(), Key.Public.Id), (Last("signed-digest"), Evidence()["cosign"]));

        PutInRegistry("1", 'e');
        var moved = await _bench.AskAsync(Pull($"fromImage={Repository}&tag=1"));
        Assert.False(moved.Allow);
        Assert.Contains($"no cosign signature of {Repository}@{DigestOf('e')}; sign it with cosign sign", moved.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("by digest", "tag=sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", true, "signed")]
    [InlineData("by another digest", "tag=sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", false, "not-signed")]
    [InlineData("a tag that is not there", "tag=9", false, "not-in-registry")]
    public async Task Other_pulls(string row, string query, bool allow, string reason)
    {
        PutInRegistry("1", 'd');
        Sign('d', Key);
        Assert.Equal((row, allow), (row, (await _bench.AskAsync(Pull($"fromImage={Repository}&{query}"))).Allow));
        Assert.Equal(reason, _bench.LastReason());
    }

    [Theory]
    [InlineData("by tag", Repository + ":1")]
    [InlineData("by digest", Repository + "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("by tag and digest", Repository + ":1@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd")]
    [InlineData("by image id", "sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    public async Task A_create_asks_for_a_signature_of_what_the_engine_has_and_approves_the_container(string row, string image)
    {
        HaveLocally("1", 'd', '1');
        Assert.False((await _bench.AskAsync(Create(image))).Allow, row);
        Sign('d', Key);

        var container = NewContainer('1');
        var (request, response) = await _bench.CreateAsync(image, container);
        Assert.True(request.Allow && response!.Allow, row + request.Message);
        var approval = _bench.Approvals.Find(container.Id)!;
        Assert.Equal((DigestOf('d').ToString(), "cosign"), (approval.SignedDigest, Assert.Single(approval.Evidence!).Kind));
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.Equal("approved", _bench.LastReason());
    }

    [Fact]
    public async Task A_create_of_an_image_that_is_not_here_is_decided_by_the_registry()
    {
        PutInRegistry("1", 'd');
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Fact]
    public async Task Content_that_nothing_shows_and_a_digest_that_is_not_here_are_refused()
    {
        _bench.Build(Repository + ":1", '6');
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("local-image-unknown", _bench.LastReason());

        HaveLocally("2", 'd', '1');
        _bench.Engine.Tags[$"{Repository}:2@{DigestOf('e')}"] = DigestOf('1').ToString();
        Assert.False((await _bench.AskAsync(Create($"{Repository}:2@{DigestOf('e')}"))).Allow);
    }

    [Fact]
    public async Task One_of_several_local_digests_is_enough()
    {
        var image = new SimulatedImage(DigestOf('1').ToString(), [$"{Repository}@{DigestOf('c')}", $"{Repository}@{DigestOf('d')}"]);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[Repository + ":1"] = image.Id;
        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal(DigestOf('d').ToString(), Last("signed-digest"));
    }

    [Fact]
    public async Task A_tag_on_an_engine_that_resolves_it_twice_is_refused()
    {
        (_bench.Engine.Containerd, _bench.Engine.Version) = (true, "26.1.5");
        _bench.Engine.Images[DigestOf('d').ToString()] = new SimulatedImage(DigestOf('d').ToString(), []);
        _bench.Engine.Tags[Repository + ":1"] = DigestOf('d').ToString();
        Sign('d', Key);
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("tag-unsafe-here", _bench.LastReason());
    }

    [Fact]
    public async Task Too_few_keys_are_refused_with_the_count()
    {
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign() with { Threshold = 2 }] });
        HaveLocally("1", 'd', '1');
        Sign('d', Key);
        var answer = await _bench.AskAsync(Create(Repository + ":1"));
        Assert.Contains("(1 of 2;", answer.Message, StringComparison.Ordinal);
        Assert.Equal("bad-signature", _bench.LastReason());
        Sign('d', Key, Second);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Theory]
    [InlineData(TransportFault.Unreachable, "registry-unreachable")]
    [InlineData(TransportFault.ServerError, "registry-unreachable")]
    [InlineData(TransportFault.Tls, "registry-unreachable")]
    [InlineData(TransportFault.TokenFlow, "registry-unreachable")]
    [InlineData(TransportFault.LoginNeeded, "login-needed")]
    [InlineData(TransportFault.TimedOut, "timed-out")]
    public async Task A_registry_that_does_not_answer_leaves_it_undecided(TransportFault fault, string reason)
    {
        HaveLocally("1", 'd', '1');
        _bench.Signatures.Error = new TransportException(fault, "registry x does not answer");
        foreach (var request in new[] { Create(Repository + ":1"), Pull($"fromImage={Repository}&tag=1") })
        {
            Assert.False((await _bench.AskAsync(request)).Allow);
            Assert.Equal((reason, "undecided"), (_bench.LastReason(), Last("outcome")));
        }
    }

    /// <param name="notary">Whether Notary v1 signs the tag as the local digest.</param>
    /// <param name="cosign">Whether the key signed it.</param>
    [Theory]
    [InlineData(EvidenceRule.Any, true, true, true)]
    [InlineData(EvidenceRule.Any, true, false, true)]
    [InlineData(EvidenceRule.Any, false, true, true)]
    [InlineData(EvidenceRule.Any, false, false, false)]
    [InlineData(EvidenceRule.All, true, true, true)]
    [InlineData(EvidenceRule.All, true, false, false)]
    [InlineData(EvidenceRule.All, false, true, false)]
    [InlineData(EvidenceRule.All, false, false, false)]
    public async Task Any_and_all(EvidenceRule rule, bool notary, bool cosign, bool allow)
    {
        Use(new SignaturePolicy { Pattern = Repository, Require = rule, NotaryV1 = true, Demands = [Cosign()] });
        HaveLocally("1", 'd', '1');
        PutInRegistry("1", 'd');
        _bench.Trust[Repository].Tags["1"] = DigestOf(notary ? 'd' : 'e');
        Sign('d', cosign ? [Key] : []);
        foreach (var request in new[] { Create(Repository + ":1"), Pull($"fromImage={Repository}&tag=1") })
        {
            var answer = await _bench.AskAsync(request);
            Assert.True(answer.Allow == allow, answer.Message);
        }

        if (rule == EvidenceRule.Any && !allow)
        {
            Assert.Contains(" says ", _bench.Records()[^1].GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_kind_that_cannot_be_asked_leaves_any_undecided_only_when_no_other_speaks()
    {
        Use(new SignaturePolicy { Pattern = Repository, NotaryV1 = true, Demands = [Cosign()] });
        HaveLocally("1", 'd', '1');
        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "notary is away");
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("undecided", Last("outcome"));
        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
    }

    [Fact]
    public async Task A_kind_counts_until_its_last_day_and_says_when_an_image_rests_on_it_alone()
    {
        var last = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime.AddDays(10));
        Use(new SignaturePolicy
        {
            Pattern = Repository,
            NotaryV1 = true,
            Demands = [Cosign()],
            AcceptUntil = new Dictionary<EvidenceKind, DateOnly> { [EvidenceKind.NotaryV1] = last }.ToFrozenDictionary(),
        });
        HaveLocally("1", 'd', '1');
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        var container = NewContainer('1');
        Assert.True((await _bench.CreateAsync(Repository + ":1", container)).Request.Allow);
        const string End = "accept-until passed it rests on notary-v1, which counts until ";
        Assert.Contains(Checks(_bench.Records()[0]), c => c.StartsWith(End, StringComparison.Ordinal));
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.Contains(Checks(_bench.Records()[^1]), c => c.StartsWith(End, StringComparison.Ordinal));
        var report = await _bench.Service.Inquirer.ReportHostAsync(_bench.Policy, CancellationToken.None);
        Assert.All(report.Images.Concat(report.Containers.Select(c => c.Decision)), d => Assert.Contains(d.Checks, c => c.What == "accept-until"));

        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.DoesNotContain(Checks(_bench.Records()[^1]), c => c.StartsWith("accept-until", StringComparison.Ordinal));
        Sign('d');

        _time.Advance(TimeSpan.FromDays(11));
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("not-signed", _bench.LastReason());
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
        Sign('d', Key);
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    public static TheoryData<string> Changes => [.. PolicyChanges.Keys];

    private static readonly Dictionary<string, (SignaturePolicy? Entry, bool Holds)> PolicyChanges = new()
    {
        ["the same"] = (new SignaturePolicy { Pattern = "registry.example.com/team/*", Demands = [Cosign()] }, true),
        ["another key beside it"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign() with { Keys = [CosignTestKey.Ecdsa().Public, Key.Public] }] }, true),
        ["without the key"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign() with { Keys = [Second.Public] }] }, false),
        ["a higher threshold"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign() with { Threshold = 2 }] }, false),
        ["with an annotation"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign() with { Annotations = Env }] }, false),
        ["notary beside it"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign()], NotaryV1 = true }, true),
        ["notary as well"] = (new SignaturePolicy { Pattern = Repository, Demands = [Cosign()], NotaryV1 = true, Require = EvidenceRule.All }, false),
        ["notary alone"] = (new SignaturePolicy { Pattern = Repository, NotaryV1 = true }, false),
        ["no entry"] = (null, false),
    };

    private static FrozenDictionary<string, string> Env => new Dictionary<string, string> { ["env"] = "prod" }.ToFrozenDictionary();

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task An_approval_ends_when_the_policy_no_longer_holds_what_approved(string change)
    {
        HaveLocally("1", 'd', '1');
        Sign('d', Key);
        var container = NewContainer('1');
        await _bench.CreateAsync(Repository + ":1", container);
        Sign('d');

        var (entry, holds) = PolicyChanges[change];
        Use(entry);
        Assert.Equal((change, holds), (change, (await _bench.AskAsync(Start(container.Id))).Allow));
        Assert.Equal(holds ? "approved" : null, holds ? _bench.LastReason() : null);
    }

    [Fact]
    public async Task Without_an_entry_a_repository_is_decided_by_notary_and_no_registry_is_asked()
    {
        Use(new SignaturePolicy { Pattern = "registry.example.com/other/*", Demands = [Cosign()] });
        _bench.PullSigned("1", 'd', '1');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal(0, _bench.Signatures.Asked);
        Assert.False(_bench.Records()[^1].TryGetProperty("evidence", out _));
    }

    [Fact]
    public async Task Permissive_records_what_would_be_denied()
    {
        _bench.Policy = _bench.Policy with { Mode = EnforcementMode.Permissive };
        HaveLocally("1", 'd', '1');
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal(("would-deny", "not-signed"), (Last("answer"), _bench.LastReason()));
    }

    [Fact]
    public async Task Verify_knows_signatures_and_offline_asks_no_registry()
    {
        HaveLocally("1", 'd', '1');
        Sign('d', Key);
        var decision = await _bench.Service.Inquirer.VerifyAsync(Repository + ":1", _bench.Policy, null, CancellationToken.None);
        Assert.Equal((Outcome.Trusted, "cosign"), (decision.Outcome, Assert.Single(decision.Evidence).Kind));
        Assert.Contains(decision.Checks, c => c is { What: "cosign", Result: CheckResult.Passed });

        var asked = _bench.Signatures.Asked;
        var offline = await _bench.Service.Inquirer.VerifyAsync(
            Repository + ":1", _bench.Policy, new OfflineTrustData(_bench.Trust), CancellationToken.None);
        Assert.Equal((true, asked), (offline.IsTrusted, _bench.Signatures.Asked));
    }

    [Theory]
    [InlineData("by tag, notary", true, Repository + ":1")]
    [InlineData("by id, notary", true, "sha256:6666666666666666666666666666666666666666666666666666666666666666")]
    [InlineData("by tag, cosign", false, Repository + ":1")]
    [InlineData("by id, cosign", false, "sha256:6666666666666666666666666666666666666666666666666666666666666666")]
    public async Task A_copy_that_the_engine_shows_nothing_of_is_recognised_by_the_manifest_in_the_registry(string row, bool notary, string image)
    {
        Use(notary ? null : new SignaturePolicy { Pattern = Repository, Demands = [Cosign()] });
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        PutInRegistry("1", 'd');
        Sign('d', Key);
        _bench.Build(Repository + ":1", '6');
        Assert.False((await _bench.AskAsync(Create(image))).Allow, row);
        Assert.Equal("local-image-unknown", _bench.LastReason());

        _bench.Signatures.Configs[$"{Repository}@{DigestOf('d')}"] = DigestOf('6');
        var container = NewContainer('6');
        Assert.True((await _bench.CreateAsync(image, container)).Response!.Allow, row);
        Assert.NotNull(_bench.Approvals.Find(container.Id));

        // Remembered: the registry is not needed again.
        _bench.Signatures.Configs.Clear();
        Assert.True((await _bench.AskAsync(Create(image))).Allow, row);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_is_not_recognised_when_the_registry_is_away_or_the_manifest_is_not_signed(bool away)
    {
        PutInRegistry("1", 'd');
        _bench.Build(Repository + ":1", '6');
        _bench.Signatures.Configs[$"{Repository}@{DigestOf('d')}"] = DigestOf('6');
        _bench.Signatures.Error = away ? new TransportException(TransportFault.Unreachable, "registry x is away") : null;
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal(away ? "local-image-unknown" : "not-signed", _bench.LastReason());
    }

    [Fact]
    public async Task A_local_image_of_other_content_is_one_question_to_the_registry_in_seconds_whatever_is_asked()
    {
        await using var lab = await SignatureLab.StartAsync();
        using var bench = new AuthorizationBench(time: lab.Time, signatures: lab.Service);
        var name = $"{lab.Repository}:1";
        var image = bench.Build(name, '6');
        var policy = bench.Policy with { Pins = Pins(lab.Repository.Name, RootKey) };
        bench.Policy = policy with { Signatures = new SignaturePolicies([new SignaturePolicy { Pattern = lab.Repository.Name, Demands = [lab.Policy] }]) };
        var served = lab.PutImage();
        lab.Registry.SignSimple(SignatureLab.Path, served, lab.Key);
        async Task<int> RequestsOfAsync(string reference)
        {
            lab.Registry.ForgetRequests();
            Assert.False((await bench.AskAsync(Create(reference))).Allow);
            Assert.Equal("local-image-unknown", bench.LastReason());
            return lab.Registry.Requests.Count;
        }

        Assert.Equal(1, await RequestsOfAsync(name));
        Assert.Equal(0, await RequestsOfAsync(name));
        Assert.Equal(0, await RequestsOfAsync(image.Id));
        Assert.Contains(Checks(bench.Records()[^1]), c => c.EndsWith("as its configuration (it was asked seconds ago)", StringComparison.Ordinal));
        lab.Time.Advance(lab.Options.FailureMemory);
        Assert.Equal(1, await RequestsOfAsync(name));

        // Under another policy a digest is asked about, and another image under the same one.
        bench.Policy = policy;
        bench.Trust[lab.Repository.Name].Tags["1"] = served;
        Assert.Equal(1, await RequestsOfAsync(name));
        Assert.Equal(0, await RequestsOfAsync(name));
        var copy = new SimulatedImage(FindingSignatures.ConfigOf("1").ToString(), []);
        bench.Engine.Images[copy.Id] = copy;
        bench.Engine.Tags[name] = copy.Id;
        Assert.True((await bench.AskAsync(Create(name))).Allow);
    }

    private static CosignPolicy Cosign() => new() { Keys = [Key.Public, Second.Public] };

    private static SimulatedContainer NewContainer(char imageId) =>
        new() { Id = new string('c', 64), Name = "web", ImageId = DigestOf(imageId).ToString(), ConfiguredImage = Repository + ":1" };

    private void Use(SignaturePolicy? entry) => _bench.Policy = _bench.Policy with { Signatures = new SignaturePolicies(entry is null ? [] : [entry]) };

    private void PutInRegistry(string tag, char digest) => _bench.Signatures.Tags[$"{Repository}:{tag}"] = DigestOf(digest);

    private void HaveLocally(string tag, char digest, char imageId)
    {
        var image = new SimulatedImage(DigestOf(imageId).ToString(), [$"{Repository}@{DigestOf(digest)}"]);
        _bench.Engine.Images[image.Id] = image;
        _bench.Engine.Tags[$"{Repository}:{tag}"] = image.Id;
        _bench.Engine.Tags[$"{Repository}:{tag}@{DigestOf(digest)}"] = image.Id;
    }

    private void Sign(char digest, params CosignTestKey[] keys) =>
        _bench.Signatures.Keys[$"{Repository}@{DigestOf(digest)}"] = [.. keys.Select(k => k.Public.Id)];

    private string? Last(string member) => _bench.Records()[^1].GetProperty(member).GetString();

    private Dictionary<string, string> Evidence() => _bench.Records()[^1].GetProperty("evidence").EnumerateArray()
        .ToDictionary(e => e.GetProperty("kind").GetString()!, e => e.GetProperty("key-ids")[0].GetString()!);

    private static IEnumerable<string> Checks(JsonElement record) => record.GetProperty("checks").EnumerateArray()
        .Select(c => $"{c.GetProperty("check").GetString()} {c.GetProperty("result").GetString()} {c.GetProperty("detail").GetString()}");
}
