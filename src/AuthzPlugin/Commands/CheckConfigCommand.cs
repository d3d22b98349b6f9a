using System.CommandLine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust check-config</c>: every problem of the policy at once, or the policy that would be in force.</summary>
internal static class CheckConfigCommand
{
    public static Command Create()
    {
        var settings = new SettingsOptions();
        var command = new Command("check-config", "Check the policy and the settings; exit with 78 when there are problems.");
        settings.AddTo(command);
        command.SetAction(parse => Run(settings, parse));
        return command;
    }

    private static int Run(SettingsOptions options, ParseResult parse)
    {
        var output = parse.InvocationConfiguration.Output;
        var loaded = options.Load(parse);
        if (loaded.Settings is not { } settings)
        {
            PolicyReport.WriteAll(output, "problem", loaded.Problems);
            return ExitCodes.BadConfiguration;
        }

        var result = new PolicyLoader(new PolicyPaths(settings.DaemonConfig, settings.PolicyFile)).Load();
        PolicyReport.Write(output, result);
        return result.Policy is null ? ExitCodes.BadConfiguration : ExitCodes.Ok;
    }
}
