using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The lab's engine behind the gate: a socket of its own beside the engine's, as a switch-over leaves it.</summary>
public sealed class GatedEngine(LabFixture lab)
{
    private const string Denied = "authorization denied by content-trust gate: ";

    public string Socket { get; } = Path.Combine(Path.GetDirectoryName(lab.Plugin.Log.Path)!, "gate.sock");

    /// <summary>Opens the gate; builds go through it only.</summary>
    public async Task OpenAsync(Action<JsonObject>? policy = null)
    {
        await lab.Plugin.RestartAsync("--gate-socket", Socket);
        await lab.WithPolicyAsync(p =>
        {
            p["builds"] = "gate";
            policy?.Invoke(p);
        });
    }

    /// <summary>The docker command line tool over the gate, with the classic builder.</summary>
    public Task<CommandResult> DockerAsync(params string[] arguments) => DockerAsync("", arguments);

    public Task<CommandResult> DockerAsync(string input, string[] arguments) => Command.RunAsync(
        lab.Env["LAB_DOCKER"],
        arguments,
        new Dictionary<string, string>
        {
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = lab.Root,
            ["DOCKER_HOST"] = "unix://" + Socket,
            ["DOCKER_CONFIG"] = lab.Env["DOCKER_CONFIG"],
            ["DOCKER_BUILDKIT"] = "0",
        },
        input: input);

    /// <summary>A build whose context is sent as it is.</summary>
    public async Task<ApiAnswer> BuildAsync(string query, byte[] context)
    {
        using var client = EngineApi.Connect(Socket);
        using var content = new ByteArrayContent(context);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var answer = await client.PostAsync(new Uri($"/v1.41/build?networkmode=none&{query}", UriKind.Relative), content);
        return new ApiAnswer($"POST /build?{query}", answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static void ShouldBeRefused(string text, params string[] parts)
    {
        Assert.True(text.Contains(Denied, StringComparison.Ordinal), $"this should have been refused by the gate: {text}");
        Assert.All(parts, part => Assert.True(text.Contains(part, StringComparison.Ordinal), $"the refusal should say \"{part}\": {text}"));
    }
}
