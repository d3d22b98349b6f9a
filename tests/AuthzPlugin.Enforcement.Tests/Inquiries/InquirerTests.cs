using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Inquiries;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Inquiries;

/// <summary>An administrator's questions are answered as the engine's would be, and leave no trace.</summary>
public sealed class InquirerTests : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private Task<Decision> VerifyAsync(string image, bool offline = false) => _bench.Service.Inquirer.VerifyAsync(
        image, _bench.Policy, offline ? new OfflineTrustData(_bench.Trust) : null, CancellationToken.None);

    [Theory]
    [InlineData(Repository + ":1", Outcome.Trusted, ReasonCode.Signed)]
    [InlineData(Repository + ":2", Outcome.Refused, ReasonCode.NotSigned)]
    [InlineData("docker.io/library/alpine", Outcome.Refused, ReasonCode.NotPinned)]
    [InlineData("A!", Outcome.Refused, ReasonCode.BadReference)]
    public async Task Verify_decides_as_a_create_would_and_leaves_no_record(string image, Outcome outcome, ReasonCode reason)
    {
        _bench.PullSigned("1", 'd', '1');
        var decision = await VerifyAsync(image);
        Assert.Equal((outcome, reason), (decision.Outcome, decision.Reason));
        Assert.Equal((await _bench.AskAsync(Create(image))).Allow, decision.IsTrusted);
        Assert.Single(_bench.Records());
    }

    [Fact]
    public async Task Offline_asks_no_server()
    {
        _bench.PullSigned("1", 'd', '1');
        Assert.True((await VerifyAsync(Repository + ":1", offline: true)).IsTrusted);
        Assert.Equal(0, _bench.Trust.Asked);

        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "is away");
        Assert.Equal(Outcome.Undecided, (await VerifyAsync(Repository + ":1", offline: true)).Outcome);
    }

    [Fact]
    public async Task A_decision_that_takes_too_long_is_undecided()
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Trust.Delay = token => Task.Delay(Timeout.Infinite, token);
        Assert.Equal(ReasonCode.TimedOut, (await VerifyAsync(Repository + ":1")).Reason);
    }

    [Fact]
    public async Task Explain_tells_what_a_request_would_come_to_under_any_policy()
    {
        _bench.PullSigned("1", 'd', '1');
        var request = CreateWith("\"HostConfig\":{\"Privileged\":true}");
        async Task<Explanation> ExplainAsync(TrustPolicy policy) => await _bench.Service.Inquirer.ExplainAsync(request, policy, CancellationToken.None);

        Assert.Equal(ReasonCode.HostAccess, (await ExplainAsync(_bench.Policy)).Decision!.Reason);
        Assert.True((await ExplainAsync(_bench.Policy with { HostAccess = PolicyAnswer.Allow })).Decision!.IsTrusted);
        Assert.Contains("disabled", (await ExplainAsync(_bench.Policy with { Mode = EnforcementMode.Disabled })).WithoutDecision, StringComparison.Ordinal);
        Assert.Empty(File.Exists(_bench.AuditFile) ? _bench.Records() : []);
    }

    [Theory]
    [InlineData("GET", "/v1.41/containers/json", "changes nothing")]
    [InlineData("POST", "/v1.41/networks/create", "starts no image")]
    [InlineData("DELETE", "/v1.41/containers/web", "what a name means")]
    public async Task What_needs_no_decision_says_why(string method, string uri, string why)
    {
        var request = Post(uri) with { Method = method };
        var explanation = await _bench.Service.Inquirer.ExplainAsync(request, _bench.Policy, CancellationToken.None);
        Assert.Contains(why, explanation.WithoutDecision, StringComparison.Ordinal);
        Assert.Null(explanation.Decision);
    }

    [Fact]
    public async Task The_host_report_decides_every_image_and_container()
    {
        var signed = _bench.PullSigned("1", 'd', '1');
        var evil = _bench.Build("evil:1", '6');
        _bench.Container('a', "good", signed.Id, Repository + ":1").Running = true;
        _bench.Container('b', "bad", evil.Id, "evil:1");

        var report = await _bench.Service.Inquirer.ReportHostAsync(_bench.Policy, CancellationToken.None);

        Assert.Equal(
            [(Repository + ":1", Outcome.Trusted), ("evil:1", Outcome.Refused)],
            report.Images.Select(i => (i.Image, i.Outcome)).OrderByDescending(i => i.Image));
        Assert.Equal(
            [("bad", false, Outcome.Refused), ("good", true, Outcome.Trusted)],
            report.Containers.Select(c => (c.Name, c.Running, c.Decision.Outcome)).Order());
    }
}
