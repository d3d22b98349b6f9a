using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Time;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>
/// What one user does to the others while something is broken (docs/performance.md, "Under faults"). Time stands still but where a test
/// moves it: an answer that comes meanwhile waited for nothing.
/// </summary>
public sealed class UnderFaults : IDisposable
{
    /// <summary>For a test that would hang instead of failing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The bench's <c>decision-timeout</c>.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(2);

    private static readonly AuthZRequest Read = new("GET", "/v1.41/containers/json", new Dictionary<string, string>(), default, null, null);

    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly AuthorizationBench _bench;

    public UnderFaults() => _bench = new AuthorizationBench(time: _time);

    [Fact]
    public async Task Thousands_of_invented_names_at_a_server_that_hangs_hinder_no_read_and_no_approved_start_and_end_with_their_budget()
    {
        const int Names = 3000;
        var container = await ApprovedAsync();
        _bench.Trust.Delay = cancellation => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);

        Task<Answer>[] invented =
            [.. Enumerable.Range(0, Names).Select(i => Task.Run(() => _bench.AskAsync(Create($"registry.example.com/team/invented-{i}:1"))))];

        // More wait than have a place: the start needs none.
        await UntilAsync(() => _bench.Trust.Asked >= DecisionPlaces);
        for (var i = 0; i < 20; i++)
        {
            Assert.True((await _bench.AskAsync(Read).WaitAsync(Patience)).Allow);
            var start = Start(container.Id);
            Assert.True((await _bench.AskAsync(start).WaitAsync(Patience)).Allow);
            Assert.True((await _bench.ReportAsync(start, 204).WaitAsync(Patience)).Allow);
        }

        Assert.DoesNotContain(invented, answer => answer.IsCompleted);
        await EndAsync(invented);
        Assert.All(invented, answer => Assert.False(answer.Result.Allow));
        Assert.All(invented, answer => Assert.Contains("2 s", answer.Result.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ten years on", 3650)]
    [InlineData("ten years back", -3650)]
    public async Task A_clock_that_jumps_neither_ends_a_budget_nor_prolongs_it_and_takes_no_approval(string row, int days)
    {
        var container = await ApprovedAsync();
        _bench.Trust.Delay = cancellation => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        var asked = _bench.AskAsync(Create("registry.example.com/team/other:1"));

        _time.SetClock(_time.GetUtcNow().AddDays(days));
        var start = await _bench.AskAsync(Start(container.Id)).WaitAsync(Patience);
        Assert.True(start.Allow, $"{row}: {start.Message}");
        Assert.False(asked.IsCompleted, row);

        await EndAsync([asked]);
        Assert.False((await asked).Allow, row);
        Assert.Equal("timed-out", _bench.LastReason());
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>As many as <see cref="AuthorizationOptions"/> gives image decisions.</summary>
    private static int DecisionPlaces => new AuthorizationOptions(Budget).MaxConcurrentDecisions;

    /// <summary>The budget passes, and everything has its answer. Budgets begin with a question, so it passes until all have come.</summary>
    private async Task EndAsync(Task<Answer>[] answers) => await UntilAsync(() =>
    {
        _time.Advance(Budget);
        return Array.TrueForAll(answers, a => a.IsCompleted);
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private async Task<SimulatedContainer> ApprovedAsync()
    {
        var image = _bench.PullSigned("1", 'd', '1');
        var container = new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = image.Id, ConfiguredImage = Repository + ":1" };
        await _bench.CreateAsync(Repository + ":1", container);
        return container;
    }
}
