using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust check-config</c>: every problem of the policy at once, or the policy that would be in force.</summary>
internal static class CheckConfigCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "a daemon.json, or a file with the stanza alone; default: the files that the service reads",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var settings = new SettingsOptions();
        var command = new Command("check-config", "Check the policy and the settings; exit with 78 when there are problems.") { file, json };
        settings.AddTo(command);
        command.SetAction(parse => Run(settings, parse, parse.GetValue(file), parse.GetValue(json)));
        return command;
    }

    private static int Run(SettingsOptions options, ParseResult parse, string? file, bool json)
    {
        var output = parse.InvocationConfiguration.Output;
        var loaded = options.Load(parse);
        var result = loaded.Settings is not { } settings ? new PolicyLoadResult(null, loaded.Problems, [], false)
            : file is not null ? PolicyLoader.LoadOne(file)
            : new PolicyLoader(new PolicyPaths(settings.DaemonConfig, settings.PolicyFile)).Load();
        if (result.Policy is { } policy)
        {
            result = result with { Warnings = [.. result.Warnings, .. ExceptionAdvice.Warnings(policy, TimeProvider.System.GetUtcNow())] };
        }

        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(CheckedConfig.From(result), CommandJson.Default.CheckedConfig));
        }
        else if (loaded.Settings is null)
        {
            PolicyReport.WriteAll(output, "problem", loaded.Problems);
        }
        else
        {
            PolicyReport.Write(output, result);
        }

        return result.Policy is null ? ExitCodes.BadConfiguration : ExitCodes.Ok;
    }
}

/// <summary>What <c>check-config --json</c> prints.</summary>
/// <param name="Policy">Every key with its values in force; null when there are problems.</param>
internal sealed record CheckedConfig(
    IReadOnlyList<PolicyProblem> Problems, IReadOnlyList<PolicyProblem> Warnings, IReadOnlyDictionary<string, IReadOnlyList<string>>? Policy)
{
    public static CheckedConfig From(PolicyLoadResult result) =>
        new(result.Problems, result.Warnings, result.Policy is null ? null : PolicyReport.Effective(result.Policy).ToDictionary(StringComparer.Ordinal));
}
