using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>Many requests at once, slow servers, and callers that leave.</summary>
public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Sixteen_requests_at_once_share_one_update()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var release = new TaskCompletionSource();
        lab.Server.Lies["root"] = new Answer.Held(release.Task);

        var requests = Enumerable.Range(0, 16).Select(_ => lab.GetAsync()).ToArray();
        release.SetResult();
        await Task.WhenAll(requests);

        Assert.Equal(["root", "timestamp", "snapshot", "targets", "targets/releases"], lab.Server.Requests);
    }

    [Fact]
    public async Task Sixteen_requests_at_once_share_one_failure()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Server.Lies["*"] = new Answer.Status(503);

        var requests = Enumerable.Range(0, 16).Select(_ => Assert.ThrowsAnyAsync<TrustException>(lab.GetAsync)).ToArray();
        var failures = await Task.WhenAll(requests);

        Assert.Single(lab.Server.Requests);
        Assert.Equal(16, failures.Distinct().Count());
    }

    [Fact]
    public async Task A_caller_that_leaves_does_not_end_the_update_of_the_others()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var release = new TaskCompletionSource();
        lab.Server.Lies["root"] = new Answer.Held(release.Task);
        using var leaving = new CancellationTokenSource();

        var first = lab.Service.GetAsync(lab.Repository.Repository, lab.Policy, leaving.Token);
        var second = lab.GetAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        release.SetResult();

        Assert.False((await second).Stale);
    }

    [Fact]
    public async Task Requests_under_different_pins_do_not_share_an_answer()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var release = new TaskCompletionSource();
        lab.Server.Lies["root"] = new Answer.Held(release.Task);

        var right = lab.GetAsync();
        lab.Pin = lab.Repository.PinOf(PinKind.RootKeys, new string('c', 64));
        var wrong = lab.GetAsync();
        release.SetResult();

        Assert.False((await right).Stale);
        Assert.Equal(RepositoryFault.PinMismatch, (await Assert.ThrowsAsync<RepositoryException>(() => wrong)).Fault);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("trickling")]
    public async Task A_server_that_is_too_slow_ends_the_request_and_the_cache_answers(string kind)
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.Options = lab.Options with { RequestTimeout = TimeSpan.FromMilliseconds(300) };
        lab.Restart();
        lab.Server.Lies["timestamp"] = kind == "silent" ? new Answer.Silence() : new Answer.Trickle();

        var signed = await lab.GetAsync();

        Assert.True(signed.Stale);
        Assert.EndsWith("did not answer in 0.3 s", signed.ServerProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_has_a_budget_of_its_own()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Server.Lies["root"] = new Answer.Silence();
        var request = lab.GetAsync();
        await WaitForRequestAsync(lab);
        lab.Time.Advance(lab.Options.UpdateTimeout);

        var e = await Assert.ThrowsAsync<TransportException>(() => request);
        Assert.Equal(TransportFault.TimedOut, e.Fault);
        Assert.Contains("did not finish an update in 8 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updates_at_one_server_wait_for_each_other_beyond_the_limit()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Options = lab.Options with { UpdatesPerServer = 1 };
        lab.Restart();
        var other = new TestRepository("registry.example.com/team/other");
        lab.Server.Publish(other);
        var release = new TaskCompletionSource();
        lab.Server.Lies["root"] = new Answer.Held(release.Task);

        var first = lab.GetAsync();
        await WaitForRequestAsync(lab);
        var policy = lab.Policy with { Pins = new RootPins([other.Pin()]) };
        var second = lab.Service.GetAsync(other.Repository, policy, CancellationToken.None);
        await Task.Delay(100);
        Assert.Single(lab.Server.Requests);

        release.SetResult();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Disposal_ends_running_updates()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Server.Lies["root"] = new Answer.Silence();
        var request = lab.GetAsync();
        await WaitForRequestAsync(lab);

        await lab.Service.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        lab.Restart();
    }

    [Fact]
    public async Task The_cache_forgets_the_least_recently_used_repository_but_not_its_versions()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        var size = new FileInfo(lab.MetadataFile).Length;
        lab.Options = lab.Options with { CacheBytes = size * 3 / 2, MemoryBytes = 1 };
        lab.Restart();
        lab.Time.Advance(TimeSpan.FromMinutes(1));

        var other = TrustDataLab.NewRepository("registry.example.com/team/oth");
        lab.Server.Publish(other);
        await lab.Service.GetAsync(other.Repository, PolicyFor(lab, other), CancellationToken.None);

        Assert.Single(Directory.GetFiles(Path.Combine(lab.Options.CacheDirectory, "metadata")));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(lab.Options.CacheDirectory, "versions")).Length);
        lab.Repository.Timestamp.Version = 1;
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task Two_processes_over_one_cache_do_not_harm_each_other()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var (service, transport) = (lab.Service, lab.Transport);
        lab.Restart();
        lab.PublishNext();
        await service.GetAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None);
        await lab.GetAsync();
        lab.PublishNext('4');
        await Task.WhenAll(service.GetAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None), lab.GetAsync());

        lab.Restart();
        await lab.Server.StopAsync();
        Assert.Equal('4', (await lab.GetAsync()).Tags.FindTag("1")!.Digest.Hex[0]);
        await service.DisposeAsync();
        transport.Dispose();
    }

    private static TrustPolicy PolicyFor(TrustDataLab lab, TestRepository repository) =>
        lab.Policy with { Pins = new RootPins([repository.Pin()]) };

    private static async Task WaitForRequestAsync(TrustDataLab lab)
    {
        while (lab.Server.Requests.Count == 0)
        {
            await Task.Delay(5);
        }
    }
}
