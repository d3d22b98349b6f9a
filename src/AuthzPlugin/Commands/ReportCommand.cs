using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Commands;

/// <summary>
/// <c>content-trust report</c>: the road from permissive to enforced. What would have been refused, from the audit log; or with
/// <c>--host</c> what the engine has now.
/// </summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var host = new Option<bool>("--host") { Description = "decide every image and container of the engine now, instead of reading the audit log" };
        var since = new Option<DateTimeOffset?>("--since") { Description = "records from this time on, such as 2026-11-22T00:00:00Z", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new Command(
            "report", "Show what is refused, or would be in enforced mode, grouped by image and reason. Exit: 0 nothing is refused, 1 something.") { host, since, json };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) => parse.GetValue(host)
            ? AdminClient.AskAsync(
                parse, settings, HttpMethod.Get, "/host", AdminJson.Default.HostAnswer, TimeSpan.FromMinutes(10),
                answer => ShowHost(parse.InvocationConfiguration.Output, answer, parse.GetValue(json)))
            : Task.FromResult(OfLog(parse, settings, parse.GetValue(since), parse.GetValue(json))));
        return command;
    }

    private static int OfLog(ParseResult parse, SettingsOptions options, DateTimeOffset? since, bool json)
    {
        var loaded = options.Load(parse);
        if (loaded.Settings is not { } settings)
        {
            Enforcement.Policy.PolicyReport.WriteAll(parse.InvocationConfiguration.Error, "problem", loaded.Problems);
            return ExitCodes.BadConfiguration;
        }

        try
        {
            var lines = AuditReader.Read(settings.AuditFile).Where(new AuditFilter { Since = since }.Takes).ToArray();
            var groups = RefusalReport.From(lines);
            Show(parse.InvocationConfiguration.Output, groups, RefusalReport.Excepted(lines), json);
            return groups.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            parse.InvocationConfiguration.Error.WriteLine($"content-trust: {e.Message.TrimEnd('.')}; name the log with --audit-file, and are you root?");
            return ExitCodes.Failed;
        }
    }

    private static void Show(TextWriter output, IReadOnlyList<RefusalGroup> groups, IReadOnlyList<RefusalGroup> excepted, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize([.. groups, .. excepted], CommandJson.Default.IReadOnlyListRefusalGroup));
            return;
        }

        foreach (var group in groups.Concat(excepted))
        {
            output.WriteLine($"{group.Count,6} x {group.Reason}: {UntrustedText.Escape(group.What)}");
            output.WriteLine($"         last {group.Last}: {UntrustedText.Escape(group.Message)}");
        }

        if (groups.Count == 0)
        {
            output.WriteLine("nothing was refused or would have been");
            return;
        }

        output.WriteLine(
            "What is signed by keys that you know is let in by pinning them: content-trust keys IMAGE shows the lines to paste; "
            + "content-trust explain --policy FILE tries a policy before it is in force.");
    }

    private static int ShowHost(TextWriter output, HostAnswer answer, bool json)
    {
        var refused = answer.Images.Any(i => !i.IsAllowed) || answer.Containers.Any(c => !c.Decision.IsAllowed);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(answer, AdminJson.Default.HostAnswer));
            return refused ? ExitCodes.Failed : ExitCodes.Ok;
        }

        foreach (var image in answer.Images.OrderBy(i => Order(i)).ThenBy(i => i.Image, StringComparer.Ordinal))
        {
            output.WriteLine($"image      {image.Outcome,-9} {image.Image}{Why(image)}");
        }

        foreach (var container in answer.Containers.OrderBy(c => Order(c.Decision)).ThenByDescending(c => c.Running))
        {
            output.WriteLine($"container  {container.Decision.Outcome,-9} {container.Name} ({(container.Running ? "running" : "stopped")}){Why(container.Decision)}");
        }

        var running = answer.Containers.Count(c => c.Running && !c.Decision.IsAllowed);
        output.WriteLine($"{answer.Images.Count} images, {answer.Containers.Count} containers; {running} run that would not be allowed to start");
        return refused ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>What matters most comes first: refused, then what passes by an exception.</summary>
    private static int Order(DecisionAnswer decision) => !decision.IsAllowed ? 0 : decision.Outcome == "trusted" ? 2 : 1;

    private static string Why(DecisionAnswer decision) => decision.Outcome == "trusted" ? "" : $": {decision.Message}";
}
