using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust check-config</c>: every problem of the policy at once, or the policy that would be in force.</summary>
internal static class CheckConfigCommand
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "a daemon.json, or a file with the stanza alone; default: the files that the service reads",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var settings = new SettingsOptions();
        var command = new GuidedCommand(
            "check-config",
            "Check the policy and the settings: every problem and warning with its place, what was found, what is legal and what to do; and the policy that would be in force.",
            ["content-trust check-config", "content-trust check-config new-daemon.json"],
            [(ExitCodes.Ok, "no problem; there may be warnings"), (ExitCodes.BadConfiguration, "there are problems"), (ExitCodes.Usage, "the command line is wrong")])
        {
            file, json,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => RunAsync(settings, parse, parse.GetValue(file), parse.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(SettingsOptions options, ParseResult parse, string? file, bool json)
    {
        var output = parse.InvocationConfiguration.Output;
        var loaded = options.Load(parse);
        var result = loaded.Settings is not { } settings ? new PolicyLoadResult(null, loaded.Problems, [], false)
            : file is not null ? PolicyLoader.LoadOne(file)
            : new PolicyLoader(new PolicyPaths(settings.DaemonConfig, settings.PolicyFile)).Load();
        if (result.Policy is { } read)
        {
            result = result with { Warnings = [.. result.Warnings, .. ExceptionAdvice.Warnings(read, TimeProvider.System.GetUtcNow())] };
        }

        string? note = null;
        if (loaded.Settings is { } present && result.Policy is { } policy && policy.Pins.All.Count > 0)
        {
            (var unmatched, note) = await PinsAsync(present, policy).ConfigureAwait(false);
            result = result with { Warnings = [.. result.Warnings, .. unmatched] };
        }

        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(CheckedConfig.From(result, note), CommandJson.Default.CheckedConfig));
        }
        else if (loaded.Settings is null)
        {
            PolicyReport.WriteAll(output, "problem", loaded.Problems);
        }
        else
        {
            PolicyReport.Write(output, result);
            output.Write(note is null ? "" : $"note: {note}\n");
        }

        return result.Policy is null ? ExitCodes.BadConfiguration : ExitCodes.Ok;
    }

    /// <summary>Only the running service knows what this host has.</summary>
    private static async Task<(IReadOnlyList<PolicyProblem> Unmatched, string? Note)> PinsAsync(ServiceSettings settings, TrustPolicy policy)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/repositories");
        var known = await AdminClient.TryAskAsync(settings, request, AdminJson.Default.RepositoriesAnswer, Budget).ConfigureAwait(false);
        return known switch
        {
            null => ([], "whether each pin matches something on this host was not looked at: the service does not answer, or you are not root"),
            { Problem: { } problem } => ([], $"whether each pin matches something on this host was not looked at: {problem}"),
            _ => (UnmatchedPins.Of(policy, known.Repositories), null),
        };
    }
}

/// <summary>What <c>check-config --json</c> prints.</summary>
/// <param name="Note">What was not looked at; null: nothing.</param>
/// <param name="Policy">Every key with its values in force; null when there are problems.</param>
internal sealed record CheckedConfig(
    IReadOnlyList<PolicyProblem> Problems,
    IReadOnlyList<PolicyProblem> Warnings,
    string? Note,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Policy)
{
    public static CheckedConfig From(PolicyLoadResult result, string? note) =>
        new(result.Problems, result.Warnings, note, result.Policy is null ? null : PolicyReport.Effective(result.Policy).ToDictionary(StringComparer.Ordinal));
}
