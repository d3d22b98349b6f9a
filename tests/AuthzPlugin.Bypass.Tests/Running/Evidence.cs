using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>
/// What the engine's own state says about an attack. Conditions: <c>ran</c> (unsigned content ran), <c>container</c> (a container of the
/// case's name is there), <c>image NAME</c> (the engine has it), <c>volume</c> (a volume of the case's name), <c>restarts</c> (that container would be started unasked),
/// <c>swarm</c>, <c>service</c>, <c>plugin</c>, <c>upgraded</c> (a connection became a stream), <c>done</c> (the last answer was a success),
/// <c>said TEXT</c> (an answer holds TEXT).
/// </summary>
public sealed class Evidence(LabFixture lab)
{
    /// <summary>One sentence when the condition is met.</summary>
    public async Task<string?> FindAsync(string never, string container, EventWatch events, IReadOnlyList<RawAnswer> answers)
    {
        var words = never.Split(' ', 2);
        return words[0] switch
        {
            "ran" => events.Evil is { } line ? $"unsigned content ran: {line}" : null,
            "container" => await ExistsAsync($"/containers/{container}/json"),
            "image" => await ExistsAsync($"/images/{words[1]}/json"),
            "volume" => await ExistsAsync($"/volumes/{container}"),
            "restarts" => await RestartsAsync(container),
            "swarm" => await SwarmAsync(),
            "service" => await AnyAsync("/services"),
            "plugin" => await AnyAsync("/plugins"),
            "upgraded" => answers.FirstOrDefault(a => a.Status == 101) is { } up ? $"the engine answered {up}" : null,
            "done" => answers is [.., { Status: >= 200 and < 300 } last] ? $"the engine answered {last}" : null,
            "said" => answers.FirstOrDefault(a => a.Text.Contains(words[1], StringComparison.Ordinal)) is { } said ? $"the engine answered {said}" : null,
            _ => throw new FormatException($"unknown condition {never}"),
        };
    }

    private async Task<string?> ExistsAsync(string path) => (await lab.Engine.GetAsync(path)).Succeeded ? $"the engine has {path}" : null;

    private async Task<string?> RestartsAsync(string container)
    {
        var answer = await lab.Engine.GetAsync($"/containers/{container}/json");
        var policy = answer.Succeeded ? answer.Json.GetProperty("HostConfig").GetProperty("RestartPolicy").GetProperty("Name").GetString() : "";
        return policy is "" or "no" ? null : $"the restart policy of {container} is {policy}";
    }

    private async Task<string?> SwarmAsync()
    {
        var state = (await lab.Engine.GetAsync("/info")).Json.GetProperty("Swarm").GetProperty("LocalNodeState").GetString();
        return state is "" or "inactive" ? null : $"the engine's swarm state is {state}";
    }

    private async Task<string?> AnyAsync(string path)
    {
        var answer = await lab.Engine.GetAsync(path);
        return answer.Succeeded && answer.Body.Trim() is not ("[]" or "null") ? $"{path} has {answer.Body}" : null;
    }
}
