using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>What builds may begin from, images built here and exceptions, under an entry of signature-policies.</summary>
public sealed class BuildingBySignatures : IDisposable
{
    private const string Built = "myapp:1";

    private static readonly CosignTestKey Key = CosignTestKey.Ecdsa();
    private static readonly CosignTestKey Second = CosignTestKey.Ecdsa();

    private readonly AuthorizationBench _bench = new();

    public BuildingBySignatures()
    {
        Use(new SignaturePolicy { Pattern = "registry.example.com/team/*", Demands = [Cosign(Key)] });
        _bench.Policy = _bench.Policy with { Builds = PolicyAnswer.Gate, LocalBuilds = PolicyAnswer.Allow };
        PutInRegistry("1", 'd');
        Sign('d', Key);
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_tag_to_build_from_is_what_the_registry_has_now_and_that_must_be_signed()
    {
        // Notary v1 signs another digest for it, and does not count.
        _bench.Trust[Repository].Tags["1"] = DigestOf('c');
        var first = await BaseAsync(Repository + ":1");
        Assert.Equal((ReasonCode.Signed, Repository, "1", DigestOf('d')), (first.Reason, first.Repository, first.Tag, first.SignedDigest));
        Assert.Equal([Key.Public.Id], Assert.Single(first.Evidence).KeyIds);

        PutInRegistry("1", 'e');
        Assert.Equal((Outcome.Refused, ReasonCode.NotSigned), Ending(await BaseAsync(Repository + ":1")));
        Sign('e', Key);
        Assert.Equal(DigestOf('e'), (await BaseAsync(Repository + ":1")).SignedDigest);
    }

    [Theory]
    [InlineData("by digest", "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", ReasonCode.Signed)]
    [InlineData("by an unsigned digest", "@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", ReasonCode.NotSigned)]
    [InlineData("a tag that is not there", ":9", ReasonCode.NotInRegistry)]
    public async Task Other_names_to_build_from(string row, string suffix, ReasonCode reason) =>
        Assert.Equal((row, reason), (row, (await BaseAsync(Repository + suffix)).Reason));

    [Fact]
    public async Task A_registry_that_is_away_leaves_it_undecided_what_a_build_begins_from()
    {
        _bench.Signatures.Error = new TransportException(TransportFault.Unreachable, "registry x is away");
        Assert.Equal((Outcome.Undecided, ReasonCode.RegistryUnreachable), Ending(await BaseAsync(Repository + ":1")));
    }

    [Theory]
    [InlineData(true, ReasonCode.Signed)]
    [InlineData(false, ReasonCode.NotSigned)]
    public async Task Notary_and_cosign_together_must_mean_the_same_digest(bool cosign, ReasonCode reason)
    {
        Use(new SignaturePolicy { Pattern = Repository, Require = EvidenceRule.All, NotaryV1 = true, Demands = [Cosign(Key)] });
        Sign('d', cosign ? [Key] : []);
        _bench.Trust[Repository].Tags["1"] = DigestOf('d');
        Assert.Equal(reason, (await BaseAsync(Repository + ":1")).Reason);

        _bench.Trust[Repository].Tags["1"] = DigestOf('c');
        Assert.Equal(ReasonCode.TagMoved, (await BaseAsync(Repository + ":1")).Reason);
    }

    [Theory]
    [InlineData("of a tag", ":1", ":1@")]
    [InlineData("of a digest", "@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", "@")]
    public async Task An_image_built_from_signed_content_starts_while_that_is_signed(string row, string suffix, string between)
    {
        await RememberAsync(suffix);
        _bench.Container('c', "web", DigestOf('6').ToString(), Built);
        Assert.True((await _bench.AskAsync(Start("web"))).Allow, row);
        var record = _bench.Records()[^1];
        Assert.Equal("local-build", record.GetProperty("reason").GetString());
        Assert.Equal($"{Repository}{between}{DigestOf('d')}", Assert.Single(record.GetProperty("bases").EnumerateArray()).GetString());

        Sign('d');
        Assert.Contains($"no cosign signature of {Repository}@{DigestOf('d')}; build it again", (await _bench.AskAsync(Start("web"))).Message, StringComparison.Ordinal);
        Sign('d', Key);
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign(Second)] });
        Assert.False((await _bench.AskAsync(Start("web"))).Allow, row);
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign(Key, Second)] });
        Assert.True((await _bench.AskAsync(Start("web"))).Allow, row);
        _bench.Signatures.Error = new TransportException(TransportFault.Unreachable, "registry x is away");
        Assert.Contains("; try again", (await _bench.AskAsync(Start("web"))).Message, StringComparison.Ordinal);
        Assert.Equal("undecided", _bench.Records()[^1].GetProperty("outcome").GetString());
    }

    /// <summary>cosign signs no names, so a name of the repository can be that of an image built here; a name that Notary v1 may sign cannot.</summary>
    [Theory]
    [InlineData("classic store", false, false, true)]
    [InlineData("containerd store", true, false, true)]
    [InlineData("classic store, and notary", false, true, false)]
    public async Task A_build_under_a_name_of_a_covered_repository(string row, bool containerd, bool notary, bool allow)
    {
        (_bench.Engine.Containerd, _bench.Engine.Version) = (containerd, "28.5.2");
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign(Key)] });
        await RememberAsync(":1");
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign(Key)], NotaryV1 = notary });
        _bench.Build(Repository + ":dev", '6');
        Assert.Equal((row, allow), (row, (await _bench.AskAsync(Create(Repository + ":dev"))).Allow));
        Assert.Equal(allow ? "local-build" : "local-image-unknown", _bench.LastReason());
    }

    [Fact]
    public async Task What_the_registry_shows_to_be_signed_is_neither_a_local_build_nor_an_exception()
    {
        await RememberAsync(":1");
        _bench.Build(Repository + ":1", '6');
        _bench.Except(DigestOf('6').ToString());
        _bench.Signatures.Configs[$"{Repository}@{DigestOf('d')}"] = DigestOf('6');
        foreach (var image in new[] { Repository + ":1", DigestOf('6').ToString() })
        {
            Assert.True((await _bench.AskAsync(Create(image))).Allow);
            Assert.Equal("signed", _bench.LastReason());
        }
    }

    [Fact]
    public async Task No_registry_is_asked_where_nothing_covers_the_repository()
    {
        var image = _bench.Build("registry.example.com/other/app:1", '7');
        foreach (var name in new[] { "registry.example.com/other/app:1", image.Id })
        {
            Assert.False((await _bench.AskAsync(Create(name))).Allow);
        }

        _bench.Except(image.Id);
        Assert.True((await _bench.AskAsync(Create(image.Id))).Allow);
        Assert.Equal("excepted", _bench.LastReason());
        Assert.Equal((0, 0), (_bench.Signatures.Asked, _bench.Signatures.Looked));
    }

    [Fact]
    public async Task What_counts_no_longer_can_be_excepted_or_built_here_and_nothing_is_built_from_it()
    {
        await RememberAsync(":1");
        var image = _bench.PullSigned("1", 'd', '1');
        var ended = new Dictionary<EvidenceKind, DateOnly> { [EvidenceKind.Cosign] = new(2020, 1, 1) }.ToFrozenDictionary();
        Use(new SignaturePolicy { Pattern = Repository, Demands = [Cosign(Key)], AcceptUntil = ended });
        Assert.Equal((Outcome.Refused, ReasonCode.NoLongerAccepted), Ending(await BaseAsync(Repository + ":1")));
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("no-longer-accepted", _bench.LastReason());
        Assert.False((await _bench.AskAsync(Create(Built))).Allow);

        _bench.Except(image.Id);
        Assert.True((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("excepted", _bench.LastReason());
    }

    private static (Outcome, ReasonCode) Ending(Decision decision) => (decision.Outcome, decision.Reason);

    private static CosignPolicy Cosign(params CosignTestKey[] keys) => new() { Keys = [.. keys.Select(k => k.Public)] };

    private void Use(SignaturePolicy entry) => _bench.Policy = _bench.Policy with { Signatures = new SignaturePolicies([entry]) };

    private void PutInRegistry(string tag, char digest) => _bench.Signatures.Tags[$"{Repository}:{tag}"] = DigestOf(digest);

    private void Sign(char digest, params CosignTestKey[] keys) =>
        _bench.Signatures.Keys[$"{Repository}@{DigestOf(digest)}"] = [.. keys.Select(k => k.Public.Id)];

    private Task<Decision> BaseAsync(string image) => _bench.Service.BaseImages.DecideAsync(image, _bench.Policy, CancellationToken.None);

    private async Task RememberAsync(string suffix)
    {
        _bench.Build(Built, '6');
        await _bench.Service.Builds.RememberAsync(
            DigestOf('6'), [await BaseAsync(Repository + suffix)], new CallerIdentity(1000, 1000, 1, "somebody"), _bench.Policy, CancellationToken.None);
        Assert.Equal(1, _bench.Builds.Count);
    }
}
