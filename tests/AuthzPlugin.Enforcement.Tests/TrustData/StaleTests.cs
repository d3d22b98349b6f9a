using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>When cached data answers alone (decisions.md, "Trust data and the network").</summary>
public sealed class StaleTests : IAsyncLifetime
{
    private TrustDataLab _lab = null!;

    public async Task InitializeAsync() => _lab = await TrustDataLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [InlineData("just within max-stale", 72.0, false, true)]
    [InlineData("just beyond max-stale", 72.01, false, false)]
    [InlineData("just within max-stale, after a restart", 72.0, true, true)]
    [InlineData("just beyond max-stale, after a restart", 72.01, true, false)]
    public async Task Unexpired_data_answers_for_max_stale(string row, double hours, bool restart, bool answers)
    {
        _ = row;
        await _lab.GetAsync();
        _lab.Server.Lies["*"] = new Answer.Status(503);
        if (restart)
        {
            _lab.Restart();
        }

        _lab.Time.Advance(TimeSpan.FromHours(hours));
        if (answers)
        {
            Assert.True((await _lab.GetAsync()).Stale);
        }
        else
        {
            var e = Assert.IsType<TransportException>(await Assert.ThrowsAnyAsync<TrustException>(_lab.GetAsync));
            Assert.Equal(TransportFault.ServerError, e.Fault);
            Assert.EndsWith("and the cached trust data was last checked 72 h ago (max-stale is 72 h) for registry.example.com/team/app", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Expired_data_answers_only_when_the_policy_says_so(bool allowed)
    {
        await _lab.GetAsync();
        _lab.Change = p => p with { AllowExpiredCachedTrustData = allowed };
        _lab.Time.Advance(TimeSpan.FromDays(15));
        await _lab.Server.StopAsync();
        _lab.Restart();

        if (allowed)
        {
            var signed = await _lab.GetAsync();
            Assert.True(signed.Stale);
            Assert.True(signed.EarliestExpiry < _lab.Time.GetUtcNow());
            Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
        }
        else
        {
            var e = await _lab.FailAsync();
            Assert.Contains("the cached trust data expired at 2026-06-15 12:00:00Z", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task L110_a_server_with_expired_data_is_refused_whatever_the_cache_has_and_the_policy_allows(bool restart)
    {
        await _lab.GetAsync();
        var before = _lab.Disk();
        _lab.Change = p => p with { AllowExpiredCachedTrustData = true };
        _lab.Repository.Timestamp.Expires = _lab.Repository.Now.AddMinutes(-1);
        _lab.Repository.Timestamp.Version++;
        _lab.Server.Publish(_lab.Repository);
        if (restart)
        {
            _lab.Restart();
        }

        Assert.Equal("Expired", AvailabilityTests.FaultOf(await _lab.FailAsync()));
        Assert.Equal(before, _lab.Disk());
    }

    [Fact]
    public async Task A_check_in_the_future_counts_as_never()
    {
        await _lab.GetAsync();
        _lab.Restart();
        _lab.Time.SetClock(_lab.Time.GetUtcNow().AddHours(-1));
        await _lab.Server.StopAsync();

        var e = await _lab.FailAsync();
        Assert.Contains("it is not known when the cached trust data was last checked", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outage_costs_one_try_and_then_none_until_the_pause_is_over_which_doubles_to_a_minute()
    {
        await _lab.GetAsync();
        _lab.Server.Lies["*"] = new Answer.Status(503);

        foreach (var seconds in new[] { 5, 10, 20, 40, 60, 60 })
        {
            _lab.Server.ForgetRequests();
            for (var i = 0; i < 30; i++)
            {
                Assert.True((await _lab.GetAsync()).Stale);
            }

            Assert.Single(_lab.Server.Requests);
            var problem = Assert.Single(_lab.Service.ServerProblems());
            Assert.Equal(TimeSpan.FromSeconds(seconds), problem.NextTry - problem.Since);

            _lab.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.True((await _lab.GetAsync()).Stale);
            Assert.Single(_lab.Server.Requests);
            _lab.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _lab.Server.Lies.Clear();
        Assert.False((await _lab.GetAsync()).Stale);
        Assert.Empty(_lab.Service.ServerProblems());
    }

    [Fact]
    public async Task Without_cached_data_a_failure_answers_for_its_repository_for_three_seconds()
    {
        _lab.Server.Lies["*"] = new Answer.Status(503);
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAnyAsync<TrustException>(_lab.GetAsync);
        }

        Assert.Single(_lab.Server.Requests);
        _lab.Server.Lies.Clear();
        _lab.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.False((await _lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task A_known_repository_that_the_server_denies_answers_during_the_grace_and_is_then_refused_also_after_a_restart()
    {
        await _lab.GetAsync();
        _lab.Server.RemoveAll(_lab.Repository);
        _lab.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Contains("has no trust data for registry.example.com/team/app", (await _lab.GetAsync()).ServerProblem, StringComparison.Ordinal);
        _lab.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.True((await _lab.GetAsync()).Stale);

        _lab.Restart();
        _lab.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("NotFound", AvailabilityTests.FaultOf(await _lab.FailAsync()));

        // Back again: the grace starts anew.
        _lab.Server.Publish(_lab.Repository);
        _lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False((await _lab.GetAsync()).Stale);
        _lab.Server.RemoveAll(_lab.Repository);
        Assert.True((await _lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task A_repository_that_was_never_known_is_not_found_at_once()
    {
        _lab.Server.RemoveAll(_lab.Repository);

        Assert.Equal("NotFound", AvailabilityTests.FaultOf(await _lab.FailAsync()));
        Assert.Equal("", _lab.Disk());
    }

    [Fact]
    public async Task Refused_data_stays_refused_while_the_server_serves_it_and_the_cache_answers_when_it_goes_away()
    {
        await _lab.GetAsync();
        _lab.Server.Lies["timestamp"] = new Answer.Bytes("{}"u8.ToArray());
        Assert.Equal("Malformed", AvailabilityTests.FaultOf(await _lab.FailAsync()));
        Assert.Equal("Malformed", AvailabilityTests.FaultOf(await _lab.FailAsync()));

        _lab.Server.Lies["timestamp"] = new Answer.Status(503);
        _lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.True((await _lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task The_time_of_the_last_check_reaches_the_disk_once_a_minute()
    {
        await _lab.GetAsync();
        var first = await File.ReadAllTextAsync(_lab.VersionsFile);
        _lab.Time.Advance(TimeSpan.FromSeconds(59));
        await _lab.GetAsync();
        Assert.Equal(first, await File.ReadAllTextAsync(_lab.VersionsFile));

        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        await _lab.GetAsync();
        Assert.Contains("12:01:00", await File.ReadAllTextAsync(_lab.VersionsFile), StringComparison.Ordinal);
    }
}
