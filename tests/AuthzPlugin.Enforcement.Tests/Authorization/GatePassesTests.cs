using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Time;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>What the gate says reaches the decision of its own request, once, and nothing else does.</summary>
public sealed class GatePassesTests : IDisposable
{
    private static readonly CallerIdentity Alice = new(1000, 1001, 4242, "alice");

    private readonly AuthorizationBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static AuthZRequest Marked(AuthZRequest request, string id) =>
        request with { Headers = new Dictionary<string, string>(request.Headers) { [GatePasses.Header] = id } };

    [Fact]
    public async Task A_build_passes_with_the_pass_of_the_gate_that_inspected_it_and_only_then()
    {
        _bench.Policy = _bench.Policy with { Builds = PolicyAnswer.Gate };
        var build = Post("/v1.41/grpc");
        Assert.Contains("through the content-trust gate only", (await _bench.AskAsync(build)).Message, StringComparison.Ordinal);
        Assert.False((await _bench.AskAsync(Marked(build, new string('0', 64)))).Allow);

        using (var seen = _bench.Service.Passes.Issue(new GatePass("POST", "/v1.41/grpc", Alice, Inspected: false)))
        {
            Assert.False((await _bench.AskAsync(Marked(build, seen.Id))).Allow);
        }

        using (var inspected = _bench.Service.Passes.Issue(new GatePass("POST", "/v1.41/grpc", Alice, Inspected: true)))
        {
            Assert.False((await _bench.AskAsync(Marked(Post("/v1.41/session"), inspected.Id))).Allow);
            Assert.True((await _bench.AskAsync(Marked(build, inspected.Id))).Allow);
            Assert.False((await _bench.AskAsync(Marked(build, inspected.Id))).Allow);
        }

        string ended;
        using (var lease = _bench.Service.Passes.Issue(new GatePass("POST", "/v1.41/grpc", Alice, Inspected: true)))
        {
            ended = lease.Id;
        }

        Assert.False((await _bench.AskAsync(Marked(build, ended))).Allow);
    }

    [Fact]
    public async Task An_inspected_build_passes_no_policy_that_refuses_builds()
    {
        using var lease = _bench.Service.Passes.Issue(new GatePass("POST", "/v1.41/grpc", Alice, Inspected: true));

        Assert.False((await _bench.AskAsync(Marked(Post("/v1.41/grpc"), lease.Id))).Allow);
    }

    [Fact]
    public void A_pass_expires_unused_and_not_while_its_exchange_lasts()
    {
        var time = new ManualTimeProvider();
        var passes = new GatePasses(time);
        using var used = passes.Issue(new GatePass("POST", "/a", Alice, Inspected: false));
        using var unused = passes.Issue(new GatePass("POST", "/a", Alice, Inspected: false));
        Assert.Equal(Alice, passes.TakeForRequest(Marked(Post("/a"), used.Id))!.Caller);
        time.Advance(TimeSpan.FromHours(3));

        Assert.Null(passes.TakeForRequest(Marked(Post("/a"), unused.Id)));
        Assert.NotNull(passes.TakeForResponse(Marked(Post("/a"), used.Id)));
        Assert.NotEqual(used.Id, unused.Id);
    }
}
