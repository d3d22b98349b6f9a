using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using AuthzPlugin.Gate.Tests.Http2;
using AuthzPlugin.Trust.References;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Gate.Tests.BuildKit;

/// <summary>What comes of a client's calls, and what of it the engine gets to see.</summary>
public sealed class BuildCallsTests : IDisposable
{
    private const string Signed = "registry.example.com/team/app:1";
    private const string BuildId = "buildkit-controlapi-buildid";

    private static readonly string Sha = "sha256:" + new string('a', 64);
    private static readonly CallerIdentity Caller = new(1000, 1000, 1, "user");

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private readonly List<IDisposable> _parts = [];
    private readonly List<(Digest Image, string Bases)> _remembered = [];
    private readonly List<Decision> _records = [];
    private readonly TaskCompletionSource _decides = new();
    private TrustPolicy _policy = TrustPolicy.WithoutStanza with { Mode = EnforcementMode.Enforced, Builds = PolicyAnswer.Gate };

    [Fact]
    public async Task A_build_reaches_the_engine_with_a_policy_and_otherwise_as_it_was()
    {
        var (client, engine) = Bridge(new SolveResponse { ExporterResponse = { ["containerimage.digest"] = Sha } });
        _decides.SetResult();
        var request = Naming(Signed);
        request.Entitlements.Add("network.host");
        Assert.Null(await AskAsync(client, BuildKitMethods.Solve, request));

        var got = engine.Solves.Single();
        Assert.Equal(PolicyAction.Deny, got.SourcePolicy.Rules[^1].Action);
        Assert.Contains(got.SourcePolicy.Rules, r => r.Action == PolicyAction.Convert && r.Updates.Identifier == $"docker-image://{Signed}@{Sha}");
        got.SourcePolicy = null;
        Assert.Equal(request, got);
        Assert.Equal(ReasonCode.Signed, _records.Single().Reason);
        Assert.Equal((Sha, "registry.example.com/team/app"), (_remembered.Single().Image.ToString(), _remembered.Single().Bases));
    }

    [Fact]
    public async Task What_may_have_other_bases_is_not_remembered()
    {
        _policy = _policy with { CacheFrom = true };
        var (client, _) = Bridge(new SolveResponse { ExporterResponse = { ["containerimage.digest"] = Sha } });
        _decides.SetResult();
        Assert.Null(await AskAsync(client, BuildKitMethods.Solve, Naming(Signed)));
        Assert.Empty(_remembered);
    }

    [Fact]
    public async Task A_refused_build_never_reaches_the_engine_and_its_other_calls_say_the_same()
    {
        var (client, engine) = Bridge();
        var solve = AskAsync(client, BuildKitMethods.Solve, Naming("evil:1"));
        var ping = AskAsync(client, "/moby.buildkit.v1.frontend.LLBBridge/Ping", new StatusRequest(), new HeaderField(BuildId, "build"));
        var status = AskAsync(client, "/moby.buildkit.v1.Control/Status", new StatusRequest { Ref = "build" });
        await Task.Delay(50);
        Assert.False(ping.IsCompleted || status.IsCompleted);
        _decides.SetResult();

        Assert.Equal("PermissionDenied: authorization denied by content-trust gate: evil:1 is not signed", await solve);
        Assert.Equal(await solve, await ping);
        Assert.Null(await status);
        Assert.Empty(engine.Solves);
        Assert.Empty(engine.Others);
        Assert.Equal(ReasonCode.NotSigned, _records.Single().Reason);
    }

    [Fact]
    public async Task Calls_about_a_build_wait_until_the_engine_has_it()
    {
        var (client, engine) = Bridge();
        var ping = AskAsync(client, "/moby.buildkit.v1.frontend.LLBBridge/Ping", new StatusRequest(), new HeaderField(BuildId, "build"));
        var solve = AskAsync(client, BuildKitMethods.Solve, Naming(Signed));
        await Task.Delay(50);
        Assert.Empty(engine.Others);
        _decides.SetResult();
        Assert.Null(await solve);
        Assert.Null(await ping);
        Assert.Equal("/moby.buildkit.v1.frontend.LLBBridge/Ping", engine.Others.Single());
    }

    [Fact]
    public async Task An_engine_that_does_not_obey_gets_no_build()
    {
        var (client, engine) = Bridge(obeys: false);
        _decides.SetResult();
        var said = await AskAsync(client, BuildKitMethods.Solve, Naming(Signed));
        Assert.Contains("does not obey source policies (connection refused)", said, StringComparison.Ordinal);
        Assert.Contains("DOCKER_BUILDKIT=0", said, StringComparison.Ordinal);
        Assert.Empty(engine.Solves);
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_refused_where_the_recorder_says_so()
    {
        var (client, engine) = Bridge(record: _ => Answer.Denied("the audit log cannot be written"));
        _decides.SetResult();
        Assert.Contains("audit log", await AskAsync(client, BuildKitMethods.Solve, Naming(Signed)), StringComparison.Ordinal);
        Assert.Empty(engine.Solves);
    }

    [Theory]
    [InlineData("/moby.buildkit.v1.Control/Session", "POST /session only")]
    [InlineData("/x.Y/Z", "does not know the build call /x.Y/Z")]
    public async Task Calls_that_are_not_in_the_table_are_refused(string path, string says)
    {
        var (client, engine) = Bridge();
        Assert.Contains(says, await AskAsync(client, path, new StatusRequest()), StringComparison.Ordinal);
        Assert.Empty(engine.Others);
    }

    [Fact]
    public async Task What_one_build_of_a_connection_was_allowed_a_later_one_may_go_on_with()
    {
        var (client, engine) = Bridge();
        _decides.SetResult();
        Assert.Null(await AskAsync(client, BuildKitMethods.Solve, Naming(Signed)));
        Assert.Null(await AskAsync(client, BuildKitMethods.Solve, new SolveRequest { Ref = "other" }));
        Assert.Contains(engine.Solves.Last().SourcePolicy.Rules, r => r.Updates?.Identifier == $"docker-image://{Signed}@{Sha}");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _parts.ForEach(p => p.Dispose());
        _stop.Dispose();
    }

    private (Http2Connection Client, PlayedEngine Engine) Bridge(SolveResponse? response = null, bool obeys = true, Func<Decision, Answer>? record = null)
    {
        var (clientEnd, ours) = DuplexPair.Create();
        var (toEngine, engineEnd) = DuplexPair.Create();
        var engine = new PlayedEngine(engineEnd, _stop.Token) { Obeys = obeys, Response = response ?? new SolveResponse() };
        var bridge = new GrpcBridge(ours, toEngine, NullLogger.Instance);
        var parts = new BuildKitParts
        {
            Decide = async (image, _, _) =>
            {
                await _decides.Task;
                return Decide(image);
            },
            Record = (decision, _, _, _, _) =>
            {
                _records.Add(decision);
                return record?.Invoke(decision) ?? (decision.IsTrusted ? Answer.Allowed : Answer.Denied(decision.Message));
            },
            Remember = (image, bases, _, _, _) =>
            {
                _remembered.Add((image, string.Join(' ', bases.Select(b => b.Repository))));
                return Task.CompletedTask;
            },
            DecisionTimeout = TimeSpan.FromSeconds(30),
            Time = TimeProvider.System,
            Logger = NullLogger.Instance,
        };
        var calls = new BuildCalls(
            bridge.Callee, Caller, "/grpc", _policy, parts, new BuildDecider(parts, new ClientSessions(TimeProvider.System)), new DecidedBuilds(TimeProvider.System));
        _ = bridge.RunAsync(calls.HandleAsync, _stop.Token);
        var client = Http2Connection.Client(clientEnd);
        _ = client.RunAsync(_stop.Token);
        _parts.AddRange([client, bridge, engine]);
        return (client, engine);
    }

    // A policy of the client's that leads to an image makes the gate decide it without a session to read a Dockerfile from.
    private static SolveRequest Naming(string image) => image == Signed
        ? new SolveRequest { Ref = "build", FrontendInputs = { ["x"] = Source($"docker-image://{image}") } }
        : new SolveRequest { Ref = "build", FrontendAttrs = { ["context:x"] = $"docker-image://{image}", ["dockerfilekey"] = "x" }, FrontendInputs = { ["dockerfile"] = new Definition() } };

    private static Definition Source(string identifier) => new() { Def = { new Op { Source = new SourceOp { Identifier = identifier } }.ToByteString() } };

    private static Decision Decide(string image)
    {
        _ = Digest.TryParse(Sha, out var digest);
        return image == Signed
            ? new Decision
            {
                Outcome = Outcome.Trusted,
                Reason = ReasonCode.Signed,
                Message = "",
                Checks = [],
                Image = image,
                Repository = "registry.example.com/team/app",
                Tag = "1",
                SignedDigest = digest,
            }
            : new Decision { Outcome = Outcome.Refused, Reason = ReasonCode.NotSigned, Message = $"{image} is not signed", Checks = [], Image = image };
    }

    private async Task<string?> AskAsync(Http2Connection client, string path, IMessage request, params HeaderField[] metadata)
    {
        try
        {
            using var call = await GrpcCall.StartAsync(client, path, metadata, _stop.Token);
            await call.WriteAsync(request, _stop.Token);
            await call.EndAsync(_stop.Token);
            _ = await call.ReadAsync(SolveResponse.Parser, _stop.Token);
            return null;
        }
        catch (GrpcException e)
        {
            return $"{e.Code}: {e.Message}";
        }
    }
}
