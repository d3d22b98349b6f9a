using System.Diagnostics;
using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Engine(LabFixture lab, ITestOutputHelper output)
{
    [Fact]
    public Task The_stock_engine_starts_and_reloads_with_the_stanza_in_its_daemon_json() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("engine-restart", "1");
        var unsigned = await lab.UnsignedAsync("engine-restart", "2");

        foreach (var take in new Func<Task>[] { () => lab.LabAsync("restart", "engine"), () => lab.LabAsync("hup") })
        {
            await take();
            (await lab.DockerAsync("info", "--format", "{{.Plugins.Authorization}}")).ShouldSucceed("[content-trust]");
            (await lab.RunAsync(signed.Reference)).ShouldSucceed(signed.Text);
            (await lab.RunAsync(unsigned.Reference)).ShouldBeRefused("is not signed");
        }
    });

    [Fact]
    public Task An_approved_container_starts_after_a_restart_of_engine_and_plugin() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("engine-approval", "1");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.Plugin.RestartAsync();
        await lab.LabAsync("restart", "engine");

        (await lab.Engine.StartAsync(container)).ShouldSucceed();
        Assert.Equal("approved", lab.Plugin.Audit().ShouldHaveOne("the start", r => r.IsStart && r.Phase == "request").Reason);
    });

    [Fact]
    public Task The_top_level_form_of_docker_enterprise_is_refused_by_the_stock_engine_and_read_by_the_plugin() => lab.TestAsync(async () =>
    {
        var file = lab.Env["LAB_DAEMON_JSON"];
        var before = await File.ReadAllTextAsync(file);
        var json = JsonNode.Parse(before)!.AsObject();
        json["content-trust"] = json["builder"]!["content-trust"]!.DeepClone();
        json.Remove("builder");
        try
        {
            await File.WriteAllTextAsync(file, json.ToJsonString());
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => lab.LabAsync("hup"));
            Assert.Contains("don't match any configuration option", refused.Message, StringComparison.Ordinal);
            var check = await ContentTrust.RunAsync(["check-config", "--daemon-config", file, "--policy-file", Path.Combine(lab.Root, "none")]);
            check.ShouldSucceed("enforced");
        }
        finally
        {
            await File.WriteAllTextAsync(file, before);
        }
    });

    [Fact]
    public Task Our_own_engine_calls_come_back_as_questions_and_16_creates_at_once_do_not_deadlock() => lab.TestAsync(async () =>
    {
        const int Creates = 16;
        var image = await lab.SignedAsync("engine-many", "1");
        var clock = Stopwatch.StartNew();

        var answers = await Task.WhenAll(Enumerable.Range(0, Creates).Select(i => lab.Engine.CreateAsync(image.Reference, $"many-{i}")));
        var starts = await Task.WhenAll(answers.Select(a => lab.Engine.StartAsync(a.ShouldSucceed().Id)));

        output.WriteLine($"{Creates} creates and starts at once took {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.All(starts, s => s.ShouldSucceed());
        var created = lab.Plugin.Audit().Where(r => r.IsCreate && r.Phase == "response").ToArray();
        Assert.Equal(Creates, created.Select(r => r.ContainerId).Distinct().Count());
        Assert.All(created, r => Assert.Contains("created=passed", r.Checks));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"it took {clock.Elapsed.TotalSeconds:0} s");
    });

    [Fact]
    public Task Equal_creates_at_once_get_an_approval_each() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("engine-equal", "1");

        var ids = (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => lab.Engine.CreateAsync(image.Reference)))).Select(a => a.ShouldSucceed().Id).ToArray();

        foreach (var id in ids)
        {
            (await lab.Engine.StartAsync(id)).ShouldSucceed();
        }

        Assert.All(lab.Plugin.Audit().Where(r => r.IsStart), r => Assert.Equal("approved", r.Reason));
    });

    [Fact]
    public Task Requests_without_an_image_pass() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("version")).ShouldSucceed("Server");
        (await lab.DockerAsync("ps", "--all")).ShouldSucceed();
        (await lab.DockerAsync("images")).ShouldSucceed();
        (await lab.DockerAsync("volume", "create", "passing")).ShouldSucceed("passing");
        (await lab.DockerAsync("volume", "rm", "passing")).ShouldSucceed("passing");
        (await lab.DockerAsync("network", "ls")).ShouldSucceed("none");
        Assert.Empty(lab.Plugin.Audit());
    });

    [Fact]
    public Task A_request_that_this_version_does_not_know_is_refused() => lab.TestAsync(async () =>
    {
        // A path that the engine itself does not know is not asked about: the engine's own builds and sessions stand for it.
        (await lab.Engine.PostAsync("/v1.41/session")).ShouldBeRefused();
        (await lab.Engine.PostAsync("/v1.41/swarm/init", new JsonObject { ["ListenAddr"] = "127.0.0.1:2377" })).ShouldBeRefused("swarm");
    });

    [Fact]
    public Task A_pull_whose_parameters_hide_in_the_body_is_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("engine-hidden", "1");
        var evil = await lab.UnsignedAsync("engine-hidden", "2");
        await lab.ForgetAsync(evil);

        var answer = await Command.RunAsync("curl", [
            "--silent", "--max-time", "20", "--unix-socket", lab.Env["LAB_ENGINE_SOCKET"], "--data", $"fromImage={evil.Repository}&tag=2",
            $"http://engine/v1.41/images/create?fromImage={signed.Repository}&tag=1"]);
        answer.ShouldSay("authorization denied by plugin content-trust");
        (await lab.DockerAsync("image", "inspect", evil.Reference)).ShouldSay("No such image");
    });
}
