using System.CommandLine;
using System.Security.Cryptography;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust serve</c>: the daemon.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create()
    {
        var strict = new Option<bool>("--strict-start")
        {
            Description = "exit with 78 when the policy is invalid, instead of answering reads and refusing the rest",
        };
        var settings = new SettingsOptions(shown: true);
        var command = new GuidedCommand(
            Name,
            "Answer the engine's authorization questions until SIGTERM. SIGHUP reads the policy again. systemd runs this; see systemctl status content-trust.",
            ["content-trust serve --strict-start"],
            [
                (ExitCodes.Ok, "asked to stop, and everything was answered"),
                (ExitCodes.Failed, "a part of the service failed; systemd starts it again"),
                (ExitCodes.CannotStart, "a socket, folder or file is not usable"),
                (ExitCodes.Usage, "the command line is wrong"),
                (ExitCodes.BadConfiguration, "the settings, or with --strict-start the policy, have problems"),
            ])
        {
            strict,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => RunAsync(settings, parse, parse.GetValue(strict)));
        return command;
    }

    private static async Task<int> RunAsync(SettingsOptions options, ParseResult parse, bool strict)
    {
        // What takes longest to load is loaded while the settings are read: OpenSSL, at the first digest, and what the log is made of; 10 ms each.
        _ = Task.Run(() => SHA256.HashData([]));
        var logging = Task.Run(ServiceLogging.Create);
        var error = parse.InvocationConfiguration.Error;
        if (options.Read(parse) is not { } settings)
        {
            return ExitCodes.BadConfiguration;
        }

        PrivateFiles.SetUmask();
        var paths = new PolicyPaths(settings.DaemonConfig, settings.PolicyFile);
        var files = new PolicyFileWatcher(paths, TimeProvider.System);
        var holder = new PolicyHolder(new PolicyLoader(paths).Load, TimeProvider.System);
        if (strict && holder.State is InvalidPolicy invalid)
        {
            PolicyReport.WriteAll(error, "problem", invalid.Problems);
            return ExitCodes.BadConfiguration;
        }

        using var loggers = await logging.ConfigureAwait(false);
        return await new ServiceRunner(settings, holder, files, loggers).RunAsync(TimeProvider.System, error).ConfigureAwait(false);
    }
}
