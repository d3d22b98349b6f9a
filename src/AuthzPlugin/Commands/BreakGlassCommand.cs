using System.CommandLine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust break-glass</c>: permissive mode for a stated time, on record.</summary>
internal static class BreakGlassCommand
{
    public static Command Create()
    {
        var duration = new Option<string?>("--for") { Description = "how long, such as 30m or 2h; at most 24h", HelpName = "TIME" };
        var reason = new Option<string?>("--reason") { Description = "why; it stands in the audit log and in status", HelpName = "TEXT" };
        var end = new Option<bool>("--end") { Description = "close it now" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new GuidedCommand(
            "break-glass",
            "Let everything run for a stated time (permissive mode): recorded, shown by status, closed by itself, also after a restart.",
            ["content-trust break-glass --for 30m --reason \"the registry is down, ticket 4711\"", "content-trust break-glass --end"],
            [(ExitCodes.Ok, "it is open, or with --end closed"), (ExitCodes.Failed, "it was not opened; the message says why"), .. GuidedCommand.OfService])
        {
            duration, reason, end, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) =>
        {
            Task<int> Say(string path, BreakGlassQuestion question) => AdminClient.AskAsync(
                parse, settings, path, question, AdminJson.Default.BreakGlassQuestion, AdminJson.Default.AdminAnswer, answer =>
                {
                    AnswerOutput.Write(parse.InvocationConfiguration.Output, answer, parse.GetValue(json));
                    return ExitCodes.Ok;
                });
            if (parse.GetValue(end))
            {
                return Say("/break-glass/end", new BreakGlassQuestion { Reason = "" });
            }

            if (BreakGlass.ParseTime(parse.GetValue(duration)) is { } time && parse.GetValue(reason) is { Length: > 0 } why)
            {
                return Say("/break-glass", new BreakGlassQuestion { Seconds = time.TotalSeconds, Reason = why });
            }

            parse.InvocationConfiguration.Error.WriteLine("content-trust: say how long and why: break-glass --for 30m --reason TEXT, or --end");
            return Task.FromResult(ExitCodes.Usage);
        });
        return command;
    }
}
