using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// A swarm of the lab's engine alone, on an address of loopback that no other test takes, while a test runs. The bridge that the engine
/// makes for swarms is taken away again unless it was there before.
/// </summary>
public static class LoneSwarm
{
    private const string Bridge = "docker_gwbridge";
    private const string Address = "127.0.0.83";

    /// <param name="policy">Further changes of the policy that allows swarms.</param>
    public static async Task WithSwarmAsync(this LabFixture lab, Func<Task> test, Action<JsonObject>? policy = null)
    {
        var bridgeWasThere = Directory.Exists($"/sys/class/net/{Bridge}");
        await lab.AllowSwarmAsync(policy);
        try
        {
            (await lab.DockerAsync("swarm", "init", "--advertise-addr", Address, "--listen-addr", $"{Address}:2377")).ShouldSucceed("is now a manager");
            await test();
        }
        finally
        {
            await lab.DockerAsync("swarm", "leave", "--force");
            if (!bridgeWasThere)
            {
                await lab.DockerAsync("network", "rm", Bridge);
            }
        }
    }

    /// <summary>The common policy with <c>swarm: "allow"</c>.</summary>
    public static Task AllowSwarmAsync(this LabFixture lab, Action<JsonObject>? policy = null) => lab.WithPolicyAsync(p =>
    {
        p["swarm"] = "allow";
        policy?.Invoke(p);
    });

    /// <summary><c>docker service create</c> without looking the image up and without waiting.</summary>
    public static Task<CommandResult> ServiceAsync(this LabFixture lab, string name, string image, string flags = "", params string[] command) =>
        lab.DockerAsync([
            "service", "create", "--detach", "--no-resolve-image", "--network", "host", "--restart-condition", "none", "--stop-signal", "KILL", "--name", name,
            .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries), image, .. command]);

    /// <summary><c>docker service update</c>, the same way.</summary>
    public static Task<CommandResult> UpdateAsync(this LabFixture lab, string name, string flags) =>
        lab.DockerAsync(["service", "update", "--detach", "--no-resolve-image", .. flags.Split(' '), name]);

    /// <summary>Waits until a task of the service runs this image.</summary>
    public static Task RunsAsync(this LabFixture lab, string name, LabImage image) => Wait.UntilAsync($"service {name} runs {image.Reference}", async () =>
        (await lab.DockerAsync("service", "ps", "--filter", "desired-state=running", "--format", "{{.Image}} {{.CurrentState}}", "--no-trunc", name))
            .Output.Contains($"{image.Digest} Running", StringComparison.Ordinal));
}
