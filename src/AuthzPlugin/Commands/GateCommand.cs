using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust gate enable|disable</c>: puts the gate in front of docker's socket, and takes it away again.</summary>
internal static class GateCommand
{
    public static Command Create() => new("gate", "The build gate in front of docker's socket.")
    {
        Switch(
            "enable",
            "Move docker's socket to a private place and put the gate at /run/docker.sock: prints and writes the units, and prints the commands "
            + "that restart; nothing that runs is touched before these.",
            enabled: true),
        Switch("disable", "Undo it: docker has its own socket again.", enabled: false),
    };

    private static Command Switch(string name, string description, bool enabled)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "print what would be done, and do nothing" };
        var root = new Option<string>("--root") { Description = "the system below this folder; systemd is left alone", DefaultValueFactory = _ => "" };
        var command = new Command(name, description) { dryRun, root };
        command.SetAction((parse, _) => RunAsync(parse, (parse.GetValue(root) ?? "").TrimEnd('/'), enabled, parse.GetValue(dryRun)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, string root, bool enabled, bool dryRun)
    {
        var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
        if (enabled && GateInstallation.Problem(root) is { } problem)
        {
            await error.WriteLineAsync($"content-trust: {problem}").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }

        try
        {
            Print(output, root, enabled, dryRun);
            if (!dryRun)
            {
                _ = enabled ? GateInstallation.Write(root) : GateInstallation.Remove(root);
                await ReloadAsync(root, enabled).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            await error.WriteLineAsync($"content-trust: {e.Message}; run it as root").ConfigureAwait(false);
            return ExitCodes.CannotStart;
        }

        output.WriteLine("# These restart docker (containers stop with it, unless daemon.json has \"live-restore\": true). Run them when it suits:");
        foreach (var line in GateInstallation.Restart(enabled))
        {
            output.WriteLine(line);
        }

        return ExitCodes.Ok;
    }

    private static void Print(TextWriter output, string root, bool enabled, bool dryRun)
    {
        foreach (var file in GateInstallation.Files)
        {
            output.WriteLine($"# {(enabled, dryRun) switch { (true, true) => "would write", (true, false) => "writes", (false, true) => "would remove", _ => "removes" }} {root}{file.Path}");
            if (enabled)
            {
                output.WriteLine(file.Content);
            }
        }

        output.WriteLine($"# {(dryRun ? "would run" : "runs")}: {string.Join("; ", Systemctl(enabled).Select(words => "systemctl " + string.Join(' ', words)))}");
    }

    private static string[][] Systemctl(bool enabled) => enabled
        ? [["daemon-reload"], ["enable", GateInstallation.SocketUnit]]
        : [["disable", GateInstallation.SocketUnit], ["daemon-reload"]];

    private static async Task ReloadAsync(string root, bool enabled)
    {
        if (root.Length > 0 || !Directory.Exists("/run/systemd/system"))
        {
            return;
        }

        foreach (var words in Systemctl(enabled))
        {
            using var systemctl = Process.Start("systemctl", words);
            await systemctl.WaitForExitAsync().ConfigureAwait(false);
            if (systemctl.ExitCode != 0)
            {
                throw new IOException($"systemctl {string.Join(' ', words)} failed; it said why");
            }
        }
    }
}
