using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust status</c>: what the running service does, and what is wrong.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var settings = new SettingsOptions();
        var command = new Command("status", "Show mode, policy, approvals, trust servers in trouble, and what runs or is open on this host.") { json };
        settings.AddTo(command);
        command.SetAction((parse, _) => AdminClient.CallAsync(
            parse, settings, HttpMethod.Get, "/status", AdminJson.Default.ServiceStatus,
            status => Show(parse.InvocationConfiguration.Output, status, parse.GetValue(json))));
        return command;
    }

    private static void Show(TextWriter output, ServiceStatus status, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(status, AdminJson.Default.ServiceStatus));
            return;
        }

        output.WriteLine($"content-trust {status.Version}");
        output.WriteLine($"mode         {status.Mode}, since {status.InForceSince:u}");
        output.WriteLine($"policy       {status.PolicySource ?? "none"}");
        output.WriteLine($"fingerprint  {status.PolicyFingerprint ?? "none"}");
        output.WriteLine($"approvals    {status.Approvals}");
        WriteList(output, "BREAK GLASS", status.BreakGlass is null ? [] : [status.BreakGlass]);
        WriteList(output, "policy problem", status.PolicyProblems);
        WriteList(output, "policy warning", status.PolicyWarnings);
        WriteList(output, "exception", status.Exceptions);
        WriteList(output, "trust server", status.TrustServerProblems);
        WriteList(output, "this host", status.HostWarnings);
        WriteList(output, "running", status.RunningRefused.Select(
            r => $"{(r.Stopped ? "stopped" : "would be refused")}: {UntrustedText.Escape(r.Name)} ({r.ContainerId[..12]}): {r.Message}"));
        output.WriteLine("what no plugin can watch: root on the host, and more; see docs/threat-model.md");
    }

    private static void WriteList(TextWriter output, string word, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine($"{word,-12} {line}");
        }
    }
}
