using System.Diagnostics;
using System.Globalization;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Names that move between the product's answer and the engine's deed.</summary>
[Collection(LabFixture.Collection)]
public sealed class Races(LabFixture lab, ITestOutputHelper output)
{
    [Fact]
    public Task A_tag_moved_between_the_decision_and_the_creation_leaves_no_approval_and_no_container() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("race-swap", "1");
        var evil = await lab.LocalAsync("race-evil", "1");
        await WithHoldingAsync(async plugin =>
        {
            var held = plugin.HoldNext((method, uri) => method == "POST" && uri.Contains("/containers/create", StringComparison.Ordinal));
            var create = lab.Engine.CreateAsync(signed.Reference, "swapped");
            await held.ReachedAsync();
            (await lab.DockerAsync("tag", evil.Reference, signed.Reference)).ShouldSucceed();
            held.Release();

            (await create).ShouldBeRefused(
                $"{signed.Reference} was decided as {signed.Digest}", "made the container from another image", "the container was removed");
        });

        Assert.Empty(await lab.Engine.ContainersAsync());
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.Phase == "response" && r.Answer == "allow");
        var swapped = lab.Plugin.Audit().ShouldHaveOne("the swap", r => r.Reason == "swapped");
        Assert.Equal(("deny", "refused", "response"), (swapped.Answer, swapped.Outcome, swapped.Phase));
        Assert.Contains(evil.Id, swapped.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Approvals());
    });

    [Fact]
    public Task Tags_moved_all_the_time_while_containers_are_created_leave_no_container_of_the_other_image() => lab.TestAsync(async () =>
    {
        const int Tries = 60;
        var signed = await lab.SignedAsync("race-loop", "1");
        var evil = await lab.LocalAsync("race-loop-evil", "1");
        using var stop = new CancellationTokenSource();
        var mover = MoveTagAsync(signed, evil, stop.Token);
        var made = 0;
        try
        {
            for (var i = 0; i < Tries; i++)
            {
                made += (await lab.Engine.CreateAsync(signed.Reference)).Succeeded ? 1 : 0;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await mover;
        }

        var swaps = lab.Plugin.Audit().Count(r => r.Reason == "swapped");
        output.WriteLine($"{Tries} creates while the tag moved: {made} made, {swaps} swapped and removed, {Tries - made - swaps} refused before");
        Assert.All(await lab.Engine.ContainersAsync(), c => Assert.Equal(signed.Id, c.ImageId));
    });

    [Fact]
    public Task A_container_renamed_between_the_decision_and_the_start_is_killed_when_it_is_not_the_decided_one() => lab.TestAsync(async () =>
    {
        var (good, evil) = await TwoContainersAsync("race-rename");
        await lab.Plugin.RestartAsync("--decision-timeout", "2s", "--engine-timeout", "1s", "--trust-server-connect-timeout", "1s", "--trust-server-request-timeout", "1s", "--trust-server-update-timeout", "1s");
        await WithHoldingAsync(async plugin =>
        {
            var held = plugin.HoldNext((method, uri) => method == "POST" && uri.EndsWith("/wanted/start", StringComparison.Ordinal));
            var clock = Stopwatch.StartNew();
            var start = lab.Engine.StartAsync("wanted");
            await held.ReachedAsync();

            // The names are kept still for half the decision budget from when the start was asked, and this engine is held for longer than that.
            var asked = clock.Elapsed;
            (await RenameAsync(good, "aside")).ShouldSucceed();
            (await RenameAsync(evil, "wanted")).ShouldSucceed();
            output.WriteLine($"the renames waited from {asked.TotalSeconds:0.0} s to {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.9), "a rename was not held back while a start by name was under way");
            held.Release();

            (await start).ShouldBeRefused("wanted meant another container when it was decided");
        });

        Assert.NotEqual("running", await lab.Engine.StateAsync(evil));
        Assert.Equal("renamed-under-start", lab.Plugin.Audit().ShouldHaveOne("the alarm", r => r.Phase == "response" && r.Answer == "deny").Reason);
    });

    [Fact]
    public Task A_start_by_a_name_that_is_renamed_all_the_time_never_runs_the_unsigned_container() => lab.TestAsync(async () =>
    {
        const int Tries = 1000;
        var (good, evil) = await TwoContainersAsync("race-names");

        // A container that runs already makes a try cheap: the right one answers "not modified", the wrong one would start.
        (await lab.Engine.StartAsync(good)).ShouldSucceed();
        using var stop = new CancellationTokenSource();
        var renames = 0;
        var renamer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await RenameAsync(good, "aside");
                await RenameAsync(evil, "wanted");
                await RenameAsync(evil, "elsewhere");
                await RenameAsync(good, "wanted");
                renames += 4;
            }
        });
        var outcomes = new Dictionary<string, int>();
        var clock = Stopwatch.StartNew();
        try
        {
            for (var i = 0; i < Tries; i++)
            {
                var answer = await lab.Engine.StartAsync("wanted");
                var what = ((int)answer.Status).ToString(CultureInfo.InvariantCulture);
                outcomes[what] = outcomes.GetValueOrDefault(what) + 1;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await renamer;
        }

        output.WriteLine($"{Tries} starts by name during {renames} renames in {clock.Elapsed.TotalSeconds:0} s; answers: {string.Join(", ", outcomes.Select(o => $"{o.Value} x {o.Key}"))}");
        var json = (await lab.Engine.GetAsync($"/v1.41/containers/{evil}/json")).Json;
        Assert.Equal("created", json.GetProperty("State").GetProperty("Status").GetString());
        Assert.StartsWith("0001-", json.GetProperty("State").GetProperty("StartedAt").GetString(), StringComparison.Ordinal);
        Assert.True(outcomes.GetValueOrDefault("304") > 0 && outcomes.GetValueOrDefault("403") > 0, "the name should have meant either container at times");
    });

    private async Task<(string Good, string Evil)> TwoContainersAsync(string repository)
    {
        var signed = await lab.SignedAsync(repository, "1");
        var unsigned = await lab.UnsignedAsync(repository, "2");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        var evil = (await lab.Engine.CreateAsync(unsigned.Reference, "elsewhere")).ShouldSucceed().Id;
        await lab.WithPolicyAsync(_ => { });
        return ((await lab.Engine.CreateAsync(signed.Reference, "wanted")).ShouldSucceed().Id, evil);
    }

    private Task<ApiAnswer> RenameAsync(string container, string name) => lab.Engine.PostAsync($"/v1.41/containers/{container}/rename?name={name}");

    private async Task MoveTagAsync(LabImage signed, LabImage evil, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var image = i % 2 == 0 ? evil : signed;
            await lab.Engine.PostAsync($"/v1.41/images/{image.Id}/tag?repo={signed.Repository}&tag={signed.Tag}");
        }

        await lab.Engine.PostAsync($"/v1.41/images/{signed.Id}/tag?repo={signed.Repository}&tag={signed.Tag}");
    }

    private async Task WithHoldingAsync(Func<HoldingPlugin, Task> test)
    {
        await using var plugin = await HoldingPlugin.StartAsync(lab.Env["LAB_PLUGIN_DIR"]);
        await lab.WithChainAsync("content-trust", HoldingPlugin.Name);
        try
        {
            await test(plugin);
        }
        finally
        {
            await lab.WithChainAsync("content-trust");
        }
    }

    private int Approvals() => lab.Plugin.Audit().Count(r => r.Checks.Contains("created=passed"));
}
