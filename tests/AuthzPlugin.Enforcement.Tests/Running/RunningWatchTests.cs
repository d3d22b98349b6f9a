using System.Net;
using System.Text.Json;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Running;

/// <summary>What the engine starts without having asked (decisions.md, "What the engine starts unasked").</summary>
public sealed class RunningWatchTests : IAsyncLifetime, IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly AuthorizationBench _bench;
    private Task _watching = Task.CompletedTask;

    public RunningWatchTests() => _bench = new AuthorizationBench(time: _time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _bench.Dispose();
    }

    private IEnumerable<JsonElement> Unasked => _bench.Records().Where(r => r.GetProperty("phase").GetString() == "unasked-start");

    private RunningFinding? Finding => _bench.Service.Running.Findings.SingleOrDefault();

    private async Task WatchAsync()
    {
        _watching = _bench.Service.Running.RunAsync(_stop.Token);
        await UntilAsync(() => _bench.Engine.Listeners == 1);
    }

    // Time of the bench stands still; this waits for other threads, with a bound far above any machine's slowness.
    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 3000, "it did not come to pass");
            await Task.Delay(10);
        }
    }

    private SimulatedContainer Evil(bool running = true)
    {
        var container = _bench.Container('e', "evil", _bench.Build("evil:1", '6').Id, "evil:1");
        container.Running = running;
        container.StartedAt = _time.GetUtcNow();
        return container;
    }

    private SimulatedContainer Signed(bool running = true)
    {
        var container = _bench.Container('c', "web", _bench.PullSigned("1", 'd', '1').Id, Repository + ":1");
        container.Running = running;
        return container;
    }

    [Fact]
    public async Task What_runs_when_the_service_starts_is_decided_and_only_what_would_be_refused_is_reported()
    {
        Signed();
        var evil = Evil();

        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        var record = Assert.Single(Unasked);
        Assert.Equal(("report", "refused", evil.Id, "enforced"), (Text(record, "answer"), Text(record, "outcome"), Text(record, "container-id"), Text(record, "mode")));
        Assert.True(evil.Running);
        Assert.Equal(("evil", Outcome.Refused, false), (Finding!.Name, Finding.Outcome, Finding.Stopped));
    }

    [Fact]
    public async Task What_runs_by_an_exception_is_on_record_once_for_each_start_and_found_when_the_exception_has_ended()
    {
        var evil = Evil();
        _bench.Except(evil.ImageId, _time.GetUtcNow().AddDays(1));
        await WatchAsync();
        await UntilAsync(() => Unasked.Count() == 1);
        Assert.Equal(("allow", "excepted"), (Text(Unasked.Single(), "answer"), Text(Unasked.Single(), "outcome")));

        _bench.Service.Running.LookAgain();
        await _bench.Engine.RaiseAsync(evil.Id, "start");
        await UntilAsync(() => Unasked.Count() == 2);
        Assert.Null(Finding);

        _time.Advance(TimeSpan.FromDays(1));
        _bench.Service.Running.LookAgain();
        await UntilAsync(() => Finding is not null);
        Assert.Equal(["allow", "allow", "report"], Unasked.Select(r => Text(r, "answer")));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("unpause")]
    public async Task What_starts_unasked_is_on_record_whatever_it_is(string action)
    {
        await WatchAsync();
        var signed = Signed();
        var evil = Evil();

        await _bench.Engine.RaiseAsync(signed.Id, action);
        await _bench.Engine.RaiseAsync(evil.Id, action);

        await UntilAsync(() => Unasked.Count() == 2);
        Assert.Equal(["allow", "report"], Unasked.Select(r => Text(r, "answer")));
        Assert.Equal(["web", "evil"], [_bench.Engine.Containers[Text(Unasked.First(), "container-id")!].Name, Finding!.Name]);
    }

    [Fact]
    public async Task What_ended_at_once_is_on_record_too()
    {
        await WatchAsync();
        var evil = Evil(running: false);

        await _bench.Engine.RaiseAsync(evil.Id, "start");
        await _bench.Engine.RaiseAsync(evil.Id, "die");

        await UntilAsync(() => Unasked.Any() && Finding is null);
        Assert.Equal("report", Text(Unasked.Single(), "answer"));
    }

    [Fact]
    public async Task With_stop_what_would_be_refused_is_stopped_and_what_is_signed_runs_on()
    {
        _bench.Policy = _bench.Policy with { Running = RunningAnswer.Stop };
        var signed = Signed();
        var evil = Evil();

        await WatchAsync();
        await UntilAsync(() => !evil.Running && Finding is not null);

        Assert.True(signed.Running);
        Assert.Contains($"POST /containers/{evil.Id}/stop", _bench.Engine.Calls);
        Assert.Equal("stop", Text(Assert.Single(Unasked), "answer"));
        Assert.True(Finding!.Stopped);
    }

    [Fact]
    public async Task Permissive_reports_and_stops_nothing()
    {
        _bench.Policy = _bench.Policy with { Mode = EnforcementMode.Permissive, Running = RunningAnswer.Stop };
        var evil = Evil();

        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        Assert.True(evil.Running);
        Assert.Equal(("report", "permissive"), (Text(Unasked.Single(), "answer"), Text(Unasked.Single(), "mode")));
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("invalid")]
    public async Task Where_nothing_is_decided_nothing_is_found_until_the_policy_changes(string state)
    {
        var good = _bench.Policy;
        _bench.Policy = good with { Mode = EnforcementMode.Disabled };
        _bench.InForce = state == "invalid" ? new PolicyInForce(null, "invalid") : null;
        Evil();
        await WatchAsync();
        await UntilAsync(() => _bench.Engine.Listeners == 1);
        Assert.DoesNotContain("GET /containers/json", _bench.Engine.Calls);

        (_bench.Policy, _bench.InForce) = (good, null);
        _bench.Service.Running.LookAgain();

        await UntilAsync(() => Finding is not null);
    }

    [Fact]
    public async Task When_the_mode_becomes_disabled_nothing_is_shown_any_more()
    {
        Evil();
        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        _bench.Policy = _bench.Policy with { Mode = EnforcementMode.Disabled };
        _bench.Service.Running.LookAgain();

        await UntilAsync(() => Finding is null);
    }

    [Fact]
    public async Task A_start_that_was_asked_for_is_not_recorded_twice()
    {
        await WatchAsync();
        var signed = Signed(running: false);
        Assert.True((await _bench.AskAsync(Start(signed.Id))).Allow);
        signed.Running = true;
        var evil = Evil();

        await _bench.Engine.RaiseAsync(signed.Id, "start");
        await _bench.Engine.RaiseAsync(evil.Id, "start");
        await UntilAsync(() => Finding is not null);

        Assert.Equal(evil.Id, Text(Assert.Single(Unasked), "container-id"));
    }

    [Fact]
    public async Task One_question_is_good_for_one_start()
    {
        await WatchAsync();
        var signed = Signed(running: false);
        Assert.True((await _bench.AskAsync(Start(signed.Id))).Allow);
        signed.Running = true;

        await _bench.Engine.RaiseAsync(signed.Id, "start");
        await _bench.Engine.RaiseAsync(signed.Id, "start");

        await UntilAsync(() => Unasked.Count() == 1);
    }

    [Fact]
    public async Task After_the_engine_was_away_everything_is_looked_at_again()
    {
        await WatchAsync();
        Evil();
        await _bench.Engine.EndEventsAsync();

        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Finding is not null;
        });
        Assert.Equal(1, _bench.Engine.Listeners);
    }

    [Fact]
    public async Task What_cannot_be_decided_is_looked_at_again_and_then_counts_as_refused()
    {
        _bench.Policy = _bench.Policy with { Running = RunningAnswer.Stop };
        var signed = Signed();
        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "is away");
        await WatchAsync();
        await UntilAsync(() => Finding is not null);
        Assert.Equal((Outcome.Undecided, true), (Finding!.Outcome, signed.Running));

        for (var looks = 2; looks <= RunningContainers.MostLooks; looks++)
        {
            Assert.True(signed.Running);
            _time.Advance(TimeSpan.FromSeconds(15));
            var wanted = looks;
            await UntilAsync(() => Finding!.Looks == wanted);
        }

        Assert.False(signed.Running);
        Assert.Equal(["report", "stop"], Unasked.Select(r => Text(r, "answer")));
    }

    [Fact]
    public async Task What_could_not_be_decided_is_no_finding_any_more_once_it_can()
    {
        Signed();
        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "is away");
        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        _bench.Trust[Repository].Error = null;
        _time.Advance(TimeSpan.FromSeconds(15));

        await UntilAsync(() => Finding is null);
    }

    [Fact]
    public async Task A_container_that_ended_is_no_finding_any_more()
    {
        var evil = Evil();
        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        evil.Running = false;
        await _bench.Engine.RaiseAsync(evil.Id, "die");

        await UntilAsync(() => Finding is null);
    }

    [Fact]
    public async Task A_container_that_was_stopped_is_shown_until_it_is_removed()
    {
        _bench.Policy = _bench.Policy with { Running = RunningAnswer.Stop };
        var evil = Evil();
        await WatchAsync();
        await UntilAsync(() => Finding is { Stopped: true });

        await _bench.Engine.RaiseAsync(evil.Id, "die");
        await _bench.Engine.RaiseAsync(Signed().Id, "start");
        await UntilAsync(() => Unasked.Count() == 2);
        Assert.True(Finding is { Stopped: true });

        await _bench.Engine.RaiseAsync(evil.Id, "destroy");
        await UntilAsync(() => Finding is null);
    }

    [Fact]
    public async Task The_same_finding_is_recorded_once_for_one_policy()
    {
        Evil();
        await WatchAsync();
        await UntilAsync(() => Finding is not null);
        for (var looks = 2; looks <= 3; looks++)
        {
            _bench.Service.Running.LookAgain();
            var wanted = looks;
            await UntilAsync(() => Finding!.Looks == wanted);
        }

        Assert.Single(Unasked);

        _bench.Policy = _bench.Policy with { Fingerprint = new string('1', 64) };
        _bench.Service.Running.LookAgain();
        await UntilAsync(() => Unasked.Count() == 2);
    }

    [Fact]
    public async Task A_container_that_could_not_be_stopped_is_reported_as_running()
    {
        _bench.Policy = _bench.Policy with { Running = RunningAnswer.Stop };
        _bench.Engine.Interfere = request => request.Method == HttpMethod.Post
            ? new HttpResponseMessage(HttpStatusCode.InternalServerError)
            : null;
        Evil();

        await WatchAsync();
        await UntilAsync(() => Finding is not null);

        Assert.False(Finding!.Stopped);
        Assert.Equal("report", Text(Unasked.Single(), "answer"));
    }

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();
}
