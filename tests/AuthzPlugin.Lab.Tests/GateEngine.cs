using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>The engine restarts under the gate, and the gate's service over it.</summary>
[Collection(LabFixture.Collection)]
public sealed class GateEngine(LabFixture lab)
{
    [Fact]
    public Task While_the_engine_is_away_commands_say_so_and_afterwards_they_work_again() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gateengine1", "1")).Reference;
        using var kept = gate.Api();
        (await kept.GetAsync("/_ping")).ShouldSucceed();
        var waiting = gate.ShellAsync($"docker run --rm --network none {image} sleep 30; echo ended");
        await Wait.UntilAsync("the container runs", async () => (await lab.Engine.ContainersAsync()).Count > 0);
        await Task.Delay(500);
        await lab.LabAsync("stop", "engine");
        try
        {
            (await gate.DockerAsync("ps")).ShouldSay("Cannot connect to the Docker daemon");
            Assert.Contains("Cannot connect to the Docker daemon", (await kept.GetAsync("/_ping")).Message, StringComparison.Ordinal);
            Assert.EndsWith("ended\n", (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Output, StringComparison.Ordinal);
        }
        finally
        {
            await lab.LabAsync("start", "engine");
        }

        (await gate.DockerAsync("ps")).ShouldSucceed();
        (await kept.GetAsync("/_ping")).ShouldSucceed();
        (await gate.DockerAsync("run", "--rm", "--network", "none", image)).ShouldSucceed();
    });

    [Fact]
    public Task A_stop_of_the_service_waits_for_answers_and_cuts_off_streams() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gateengine2", "1")).Reference;
        (await gate.DockerAsync("run", "-d", "--name", "gate-stop", "--network", "none", image, "sleep", "100")).ShouldSucceed();
        var stopped = gate.DockerAsync("stop", "-t", "2", "gate-stop");
        var events = gate.DockerAsync("events");
        await Task.Delay(500);
        await lab.Plugin.StopAsync();

        (await stopped).ShouldSucceed("gate-stop");
        Assert.False((await events.WaitAsync(TimeSpan.FromSeconds(10))).Output.Contains("panic", StringComparison.Ordinal));
        await lab.Plugin.StartAsync();
    });
}
