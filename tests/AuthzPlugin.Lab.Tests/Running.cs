using System.Text.Json;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What the real engine starts without a question.</summary>
[Collection(LabFixture.Collection)]
public sealed class Running(LabFixture lab)
{
    [Fact]
    public Task What_a_restart_policy_starts_is_on_record_and_a_signed_image_is_left_alone() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["running"] = "stop");
        var image = await lab.SignedAsync("running1", "again");
        (await lab.DockerAsync("run", "--detach", "--restart", "on-failure:1", "--network", "none", image.Reference, "false")).ShouldSucceed();

        await Wait.UntilAsync("the second start is on record", () => lab.Plugin.Unasked().Count == 1);
        var record = lab.Plugin.Unasked().Single();
        Assert.Equal(("allow", "approved"), (record.Answer, record.Reason));
    });

    [Theory]
    [InlineData("report")]
    [InlineData("stop")]
    public Task Switching_to_enforced_finds_what_runs_unsigned(string answer) => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("running2-" + answer, "signed");
        var unsigned = await lab.UnsignedAsync("running2-" + answer, "unsigned");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        (await RunAsync("good", signed.Reference)).ShouldSucceed();
        (await RunAsync("bad", unsigned.Reference)).ShouldSucceed();

        await lab.WithPolicyAsync(p => p["running"] = answer);

        await Wait.UntilAsync("the unsigned container is found", () => lab.Plugin.Unasked().Count > 0);
        var record = lab.Plugin.Unasked().Single();
        Assert.Equal((answer, "refused"), (record.Answer, record.Outcome));
        Assert.Contains(unsigned.Digest, record.Message, StringComparison.Ordinal);
        Assert.Equal("running", await lab.Engine.StateAsync("good"));
        Assert.Equal(answer == "stop" ? "exited" : "running", await lab.Engine.StateAsync("bad"));
        var shown = Assert.Single(await StatusAsync());
        Assert.Equal(("bad", answer == "stop"), (shown.GetProperty("name").GetString(), shown.GetProperty("stopped").GetBoolean()));
    });

    [Theory]
    [InlineData("report", "running")]
    [InlineData("stop", "exited")]
    public Task What_the_engine_starts_at_boot_is_decided(string answer, string state) => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("running3-" + answer, "signed");
        var unsigned = await lab.UnsignedAsync("running3-" + answer, "unsigned");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        (await RunAsync("good", signed.Reference, "--restart", "always")).ShouldSucceed();
        (await RunAsync("bad", unsigned.Reference, "--restart", "always")).ShouldSucceed();
        await lab.LabAsync("stop", "engine");
        await lab.WithPolicyAsync(p => p["running"] = answer);

        await lab.LabAsync("start", "engine");

        await Wait.UntilAsync("the boot is looked at", () => lab.Plugin.Unasked().Any(r => r.Answer == answer), TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(lab.Plugin.Unasked(), r => r.Outcome == "refused" && !r.Message.Contains(unsigned.Digest, StringComparison.Ordinal));
        Assert.Equal("running", await lab.Engine.StateAsync("good"));
        Assert.Equal(state, await lab.Engine.StateAsync("bad"));
    });

    private Task<CommandResult> RunAsync(string name, string image, params string[] options) =>
        lab.DockerAsync(["run", "--detach", "--name", name, "--network", "none", .. options, image, "sleep", "600"]);

    private async Task<IReadOnlyList<JsonElement>> StatusAsync()
    {
        var result = await ContentTrust.RunAsync(["status", "--json", "--admin-socket", new PluginState(lab).AdminSocket]);
        result.ShouldSucceed();
        return [.. JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("running-refused").EnumerateArray()];
    }
}
