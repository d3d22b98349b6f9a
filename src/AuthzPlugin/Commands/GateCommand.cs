using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
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

    private static GuidedCommand Switch(string name, string description, bool enabled)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "print what would be done, and do nothing" };
        var root = new Option<string>("--root") { Description = "the system below this folder; systemd is left alone", HelpName = "DIR", DefaultValueFactory = _ => "" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new GuidedCommand(
            name,
            description,
            [$"content-trust gate {name} --dry-run", $"content-trust gate {name}"],
            [
                (ExitCodes.Ok, "done, or shown"), (ExitCodes.Usage, "the command line is wrong"),
                (ExitCodes.CannotStart, "a file or systemd did not take it"), (ExitCodes.BadConfiguration, "docker or the package is not set up for it; the message says what is missing"),
            ])
        {
            dryRun, root, json,
        };
        command.SetAction((parse, _) => RunAsync(parse, (parse.GetValue(root) ?? "").TrimEnd('/'), enabled, parse.GetValue(dryRun), parse.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, string root, bool enabled, bool dryRun, bool json)
    {
        var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
        if (enabled && GateInstallation.Problem(root) is { } problem)
        {
            await error.WriteLineAsync($"content-trust: {problem}").ConfigureAwait(false);
            return ExitCodes.BadConfiguration;
        }

        var plan = !enabled && GateInstallation.IsOff(root) ? GateSwitch.Nothing(done: !dryRun) : new GateSwitch
        {
            Done = !dryRun,
            Files = [.. GateInstallation.Files.Select(f => new GateFile { Path = root + f.Path, Content = enabled ? f.Content : null })],
            Commands = [.. Systemctl(enabled).Select(words => "systemctl " + string.Join(' ', words))],
            ToRestart = GateInstallation.Restart(enabled),
        };
        try
        {
            if (plan is { Done: true, Commands: not [] })
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

        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(plan, CommandJson.Default.GateSwitch));
        }
        else
        {
            Print(output, plan);
        }

        return ExitCodes.Ok;
    }

    private static void Print(TextWriter output, GateSwitch plan)
    {
        if (plan.Commands is [])
        {
            output.WriteLine("# the gate is off; there is nothing to do");
            return;
        }

        foreach (var file in plan.Files)
        {
            var verb = (file.Content is not null, plan.Done) switch { (true, true) => "wrote", (true, false) => "would write", (false, true) => "removed", _ => "would remove" };
            output.WriteLine($"# {verb} {file.Path}");
            if (file.Content is { } content)
            {
                output.WriteLine(content);
            }
        }

        output.WriteLine($"# {(plan.Done ? "ran" : "would run")}: {string.Join("; ", plan.Commands)}");
        output.WriteLine("# These restart docker (containers stop with it, unless daemon.json has \"live-restore\": true). Run them when it suits:");
        foreach (var line in plan.ToRestart)
        {
            output.WriteLine(line);
        }
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

/// <summary>What switching the gate on or off does, for <c>--json</c>.</summary>
internal sealed record GateSwitch
{
    /// <summary>False: only shown.</summary>
    public required bool Done { get; init; }

    public required IReadOnlyList<GateFile> Files { get; init; }

    /// <summary>What is run together with it.</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <summary>What the administrator runs when it suits.</summary>
    public required IReadOnlyList<string> ToRestart { get; init; }

    /// <summary>It is off and was to be switched off.</summary>
    public static GateSwitch Nothing(bool done) => new() { Done = done, Files = [], Commands = [], ToRestart = [] };
}

/// <summary>A file that is written, or removed when it has no content.</summary>
internal sealed record GateFile
{
    public required string Path { get; init; }

    public string? Content { get; init; }
}
