using System.Diagnostics;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Outages(LabFixture lab, ITestOutputHelper output)
{
    [Fact]
    public Task Trust_server_down_cached_and_unexpired_data_answers_and_is_marked_stale() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-cached", "1");
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        (await lab.RunAsync(image.Reference)).ShouldSucceed();
        await WithoutNotaryAsync("stop", async () =>
        {
            lab.Plugin.AuditLog.Mark();
            (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
            var create = lab.Plugin.Audit().ShouldHaveOne("the create", r => r.IsCreate && r.Phase == "request");
            Assert.Equal(("allow", "trusted"), (create.Answer, create.Outcome));
            Assert.True(create.Stale, create.ToString());
            Assert.True(create.Cached, create.ToString());
        });
    });

    [Fact]
    public Task Trust_server_down_cached_data_answers_after_a_restart_of_the_plugin() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-restart", "1");
        (await lab.RunAsync(image.Reference)).ShouldSucceed();
        await WithoutNotaryAsync("stop", async () =>
        {
            await lab.Plugin.RestartAsync();
            (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        });
    });

    [Fact]
    public Task Trust_server_down_and_nothing_cached_is_undecided() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-nothing", "1");
        await WithoutNotaryAsync("stop", async () =>
        {
            (await lab.RunAsync(image.Reference)).ShouldBeRefused(
                $"trust server {lab.Env["LAB_NOTARY"]}", $"no usable trust data is cached for {image.Repository}", "; try again, or see content-trust status");
            var create = lab.Plugin.Audit().ShouldHaveOne("the create", r => r.IsCreate);
            Assert.Equal(("deny", "undecided", "trust-server-unreachable"), (create.Answer, create.Outcome, create.Reason));
        });
    });

    [Fact]
    public Task Trust_server_that_accepts_and_never_answers_is_undecided_within_its_time_limit() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-silent", "1");
        await WithoutNotaryAsync("pause", async () =>
        {
            var run = (await lab.RunAsync(image.Reference)).ShouldBeRefused($"no usable trust data is cached for {image.Repository}");
            Assert.True(run.Took < TimeSpan.FromSeconds(12), $"it took {run.Took.TotalSeconds:0.0} s: {run}");
        });
    });

    [Fact]
    public Task Trust_server_silent_30_creates_in_a_row_are_answered_from_the_cache_without_30_time_outs() => lab.TestAsync(async () =>
    {
        const int Creates = 30;
        var image = await lab.SignedAsync("outage-many", "1");
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        (await lab.RunAsync(image.Reference)).ShouldSucceed();
        await WithoutNotaryAsync("pause", async () =>
        {
            lab.Plugin.AuditLog.Mark();
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Creates; i++)
            {
                (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed();
            }

            var decisions = lab.Plugin.Audit().Where(r => r.IsCreate && r.Phase == "request").ToArray();
            var slow = decisions.Count(r => r.Milliseconds > 1000);
            output.WriteLine($"{Creates} creates took {clock.Elapsed.TotalSeconds:0.0} s; {slow} decisions waited for the server, the others {decisions.Average(r => r.Milliseconds):0} ms on average");
            Assert.All(decisions, r => Assert.True(r.Stale, r.ToString()));
            Assert.Equal(Creates, decisions.Length);
            Assert.True(slow <= 3, $"{slow} of {Creates} decisions waited for the server");
        });
    });

    [Fact]
    public Task Trust_server_down_an_approved_container_starts_without_any_network() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-start", "1");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await WithoutNotaryAsync("stop", async () =>
        {
            (await lab.Engine.StartAsync(container)).ShouldSucceed();
            Assert.Equal("approved", lab.Plugin.Audit().ShouldHaveOne("the start", r => r.IsStart && r.Phase == "request").Reason);
        });
    });

    [Fact]
    public Task Registry_down_a_pull_is_undecided_and_what_is_here_runs() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("outage-registry", "1");
        await lab.LabAsync("stop", "registry");
        try
        {
            (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused(image.Reference, "could not be decided", "; try again");
            Assert.Equal("registry-unreachable", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
            (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        }
        finally
        {
            await lab.LabAsync("start", "registry");
        }
    });

    // The plugin leaves a server alone that did not answer; later tests need a new start.
    private async Task WithoutNotaryAsync(string verb, Func<Task> test)
    {
        await lab.LabAsync(verb, "notary");
        try
        {
            await test();
        }
        finally
        {
            await lab.LabAsync(verb == "stop" ? "start" : "resume", "notary");
            await lab.Plugin.RestartAsync();
        }
    }
}
