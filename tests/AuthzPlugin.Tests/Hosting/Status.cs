using AuthzPlugin.Commands;
using AuthzPlugin.Protocol;
using AuthzPlugin.Tests.Support;

namespace AuthzPlugin.Tests.Hosting;

/// <summary>What <c>status</c> shows of decisions, trust servers, the cache and the engine.</summary>
public sealed class Status
{
    [Fact]
    public async Task Decisions_are_counted_by_outcome()
    {
        await using var service = await LoneService.StartAsync();
        await service.PullAsync("9");
        await service.PullAsync("8");
        await service.PullAsync("1");

        var counts = (await service.StatusAsync()).Decisions;

        // Tag 1 is signed, and the engine that should ask the registry is not there.
        Assert.Equal((0L, 2L, 1L, 3L), (counts.Trusted, counts.Refused, counts.Undecided, counts.Denied));
    }

    [Fact]
    public async Task A_trust_server_has_its_latency_its_last_success_and_its_last_failure()
    {
        await using var service = await LoneService.StartAsync();
        Assert.Empty((await service.StatusAsync()).TrustServers);
        await service.PullAsync("9");

        var well = Assert.Single((await service.StatusAsync()).TrustServers);
        Assert.True(well.LatencyMs > 0 && well.LastSuccess > DateTimeOffset.UnixEpoch && !well.IsInTrouble);
        Assert.Null(well.LastFailure);

        await service.Notary.StopAsync();
        await service.PullAsync("9");

        var ill = Assert.Single((await service.StatusAsync()).TrustServers);
        Assert.True(ill.IsInTrouble);
        Assert.Equal((well.LastSuccess, well.LatencyMs), (ill.LastSuccess, ill.LatencyMs));
        Assert.NotNull(ill.Problem);
        Assert.True(ill.NextTry > ill.LastFailure);
    }

    [Fact]
    public async Task The_cache_has_its_size_and_names_what_expires_within_the_days_asked_for()
    {
        await using var service = await LoneService.StartAsync();
        await service.PullAsync("9");

        var soon = (await service.StatusAsync(days: 0)).Cache;
        Assert.Equal((1, true, 0), (soon.Repositories, soon.Bytes > 1000, soon.ExpiringCount));
        Assert.Empty(soon.Expiring);
        Assert.NotNull(soon.OldestExpiry);

        var late = (await service.StatusAsync(days: 36_500)).Cache;
        var one = Assert.Single(late.Expiring);
        Assert.Equal((LoneService.Repository, soon.OldestExpiry, 1), (one.Repository, one.ExpiresAt, late.ExpiringCount));
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_said_and_hides_nothing_else()
    {
        await using var service = await LoneService.StartAsync();
        var status = await service.StatusAsync();
        Assert.Contains("does not answer", status.Engine.Problem, StringComparison.Ordinal);
        Assert.Equal("started", status.LastReload.Outcome);

        using var text = new StringWriter();
        StatusOutput.Write(text, status);
        Assert.All(
            ["mode         enforced", "fingerprint  0000", "last reload  ", "engine       the engine's socket does not answer", "decisions    0 trusted", "cache        0 repositories"],
            line => Assert.Contains(line, text.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain("\e", text.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, "gate         off\n")]
    [InlineData(false, "enable", "gate         off; enabled, but the commands that content-trust gate enable printed were not run\n")]
    [InlineData(true, null, "gate         on at /run/docker.sock since 2026-01-02 03:04:05Z, 7 connections, engine at /run/docker-engine/docker.sock\n")]
    [InlineData(true, "disable", "engine at /run/docker-engine/docker.sock; disabled, but the commands that content-trust gate disable printed were not run\n")]
    public async Task The_gate_has_a_line_that_says_whether_it_is_on(bool on, string? pending, string line)
    {
        await using var service = await LoneService.StartAsync();
        var gate = on
            ? new GateStatus
            {
                On = true,
                Socket = "/run/docker.sock",
                EngineSocket = "/run/docker-engine/docker.sock",
                Since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                Connections = 7,
                Pending = pending,
            }
            : new GateStatus { On = false, Pending = pending };
        using var text = new StringWriter();
        StatusOutput.Write(text, await service.StatusAsync() with { Gate = gate });
        Assert.Contains(line, text.ToString(), StringComparison.Ordinal);
    }
}
