using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.BuildKit.Protocol;
using Google.Protobuf;

namespace AuthzPlugin.Gate.Tests.BuildKit;

/// <summary>What a build may ask for besides images, and which calls exist at all.</summary>
public sealed class BuildRulesTests
{
    private static readonly TrustPolicy Policy = TrustPolicy.WithoutStanza with { Mode = EnforcementMode.Enforced, Builds = PolicyAnswer.Gate };

    private static readonly Dictionary<string, (SolveRequest Request, string? Says)> Solves = new()
    {
        ["plain"] = (new SolveRequest { Ref = "r", Frontend = "dockerfile.v0", FrontendAttrs = { ["filename"] = "Dockerfile" } }, null),
        ["buildx, without a frontend"] = (new SolveRequest { FrontendAttrs = { ["filename"] = "Dockerfile" } }, null),
        ["another frontend"] = (new SolveRequest { Frontend = "custom.v0" }, "frontend custom.v0"),
        ["the host's network"] = (new SolveRequest { Entitlements = { "network.host" } }, null),
        ["privileges"] = (new SolveRequest { Entitlements = { "network.host", "security.insecure" } }, "security.insecure"),
        ["devices"] = (new SolveRequest { Entitlements = { "device=all" } }, "device=all"),
        ["a cache"] = (new SolveRequest { Cache = new CacheOptions { Imports = { new TypeWithAttrs { Type = "registry" } } } }, "cache-from"),
        ["a cache, as of old"] = (new SolveRequest { Cache = new CacheOptions { ImportRefs = { "x" } } }, "cache-from"),
        ["a cache by attribute"] = (new SolveRequest { FrontendAttrs = { ["cache-imports"] = "[]" } }, "cache-from"),
        ["a cache by the old attribute"] = (new SolveRequest { FrontendAttrs = { ["cache-from"] = "x" } }, "cache-from"),
        ["no cache by attribute"] = (new SolveRequest { FrontendAttrs = { ["cache-from"] = "" } }, null),
        ["a cache to write"] = (new SolveRequest { Cache = new CacheOptions { Exports = { new TypeWithAttrs { Type = "inline" } } } }, null),
        ["a policy by session"] = (new SolveRequest { SourcePolicySession = "s" }, "by session"),
        ["an unknown field"] = (WithUnknownField(new SolveRequest { Ref = "r" }, SolveRequest.Parser), "does not know"),
        ["an unknown field of the cache"] = (new SolveRequest { Cache = WithUnknownField(new CacheOptions(), CacheOptions.Parser) }, "does not know"),
    };

    public static TheoryData<string> SolveNames => [.. Solves.Keys];

    [Theory]
    [MemberData(nameof(SolveNames))]
    public void A_build(string name) => Says(Solves[name].Says, BuildRules.Problem(Solves[name].Request, Policy));

    [Fact]
    public void What_the_policy_opens_is_open()
    {
        Assert.Null(BuildRules.Problem(Solves["privileges"].Request, Policy with { HostAccess = PolicyAnswer.Allow }));
        Assert.Null(BuildRules.Problem(Solves["a cache"].Request, Policy with { CacheFrom = true }));
        Assert.DoesNotContain("oci-layout://", BuildRules.Prefixes(Policy));
        Assert.Contains("oci-layout://", BuildRules.Prefixes(Policy with { OciLayouts = true }));
        Assert.DoesNotContain(BuildRules.Prefixes(Policy with { OciLayouts = true }), p => "docker-image://".StartsWith(p, StringComparison.Ordinal));
    }

    [Fact]
    public void A_step()
    {
        Says(null, BuildRules.Problem(new BridgeSolveRequest { Frontend = "dockerfile.v0", AllowResultReturn = true, Evaluate = true }, Policy));
        Says("cache-from", BuildRules.Problem(new BridgeSolveRequest { CacheImports = { new TypeWithAttrs() } }, Policy));
        Says("cache-from", BuildRules.Problem(new BridgeSolveRequest { FrontendOpt = { ["cache-imports"] = "[{}]" } }, Policy));
        Says("frontend x", BuildRules.Problem(new BridgeSolveRequest { Frontend = "x" }, Policy));
        Says("does not know", BuildRules.Problem(WithUnknownField(new BridgeSolveRequest(), BridgeSolveRequest.Parser), Policy));
    }

    // Fields of messages inside, which the gate does not list, pass on.
    [Fact]
    public void What_is_passed_on_keeps_what_the_gate_does_not_know()
    {
        var op = new byte[] { 0x52, 2, 0x0a, 0 };
        var definition = Definition.Parser.ParseFrom([0x0a, (byte)op.Length, .. op, 0x12, 2, 0x0a, 0]);
        var again = SolveRequest.Parser.ParseFrom(new SolveRequest { Definition = definition }.ToByteArray());
        Assert.Equal(definition.ToByteArray(), again.Definition.ToByteArray());
    }

    [Theory]
    [InlineData("/moby.buildkit.v1.Control/Solve", "Solve")]
    [InlineData("/moby.buildkit.v1.Control/Status", "Status")]
    [InlineData("/moby.buildkit.v1.frontend.LLBBridge/Solve", "Step")]
    [InlineData("/moby.buildkit.v1.frontend.LLBBridge/Ping", "Follow")]
    [InlineData("/moby.buildkit.v1.Control/Info", "Pass")]
    [InlineData("/moby.buildkit.v1.Control/Session", "Refuse")]
    [InlineData("/moby.buildkit.v1.Control/solve", "Refuse")]
    [InlineData("//moby.buildkit.v1.Control/Info", "Refuse")]
    [InlineData("/moby.buildkit.v1.Control/NewMethod", "Refuse")]
    [InlineData("/containerd.services.content.v1.Content/Write", "Refuse")]
    [InlineData("/containerd.services.images.v1.Images/Create", "Refuse")]
    [InlineData("", "Refuse")]
    public void Calls(string path, string answer) => Assert.Equal(answer, BuildKitMethods.AnswerTo(path).ToString());

    private static T WithUnknownField<T>(T message, MessageParser<T> parser)
        where T : IMessage<T> => parser.ParseFrom([.. message.ToByteArray(), 0xfa, 0x01, 1, (byte)'x']);

    private static void Says(string? expected, string? problem)
    {
        if (expected is null)
        {
            Assert.Null(problem);
        }
        else
        {
            Assert.Contains(expected, problem, StringComparison.Ordinal);
        }
    }
}
