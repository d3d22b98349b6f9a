using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Settings;
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
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var host = new Option<bool>("--host") { Description = "decide every image and container of the engine now, instead of reading the audit log" };
        var since = new Option<DateTimeOffset?>("--since") { Description = "records from this time on, such as 2026-11-22T00:00:00Z", HelpName = "TIME" };
        var offline = new Option<bool>("--offline") { Description = "ask no trust server, so nothing is said about what known keys have signed" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new GuidedCommand(
            "report",
            "Show what was refused, or would have been in enforced mode, grouped by image and reason; and what to pin to admit what keys that you pin already have signed.",
            ["content-trust report --since 2026-11-22T00:00:00Z", "content-trust report --host"],
            [(ExitCodes.Ok, "nothing is refused"), (ExitCodes.Failed, "something is, or the log cannot be read"), .. GuidedCommand.OfService])
        {
            host, since, offline, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) => parse.GetValue(host)
            ? AdminClient.AskAsync(
                parse, settings, HttpMethod.Get, "/host", AdminJson.Default.HostAnswer, TimeSpan.FromMinutes(10),
                answer => ShowHost(parse.InvocationConfiguration.Output, answer, parse.GetValue(json)))
            : OfLogAsync(parse, settings, parse.GetValue(since), parse.GetValue(offline), parse.GetValue(json)));
        return command;
    }

    private static async Task<int> OfLogAsync(ParseResult parse, SettingsOptions options, DateTimeOffset? since, bool offline, bool json)
    {
        if (options.Read(parse) is not { } settings)
        {
            return ExitCodes.BadConfiguration;
        }

        try
        {
            var lines = AuditReader.Read(settings.AuditFile).Where(new AuditFilter { Since = since }.Takes).ToArray();
            var groups = RefusalReport.From(lines);
            groups = offline ? groups : await WithAdmissionsAsync(settings, groups).ConfigureAwait(false);
            Show(parse.InvocationConfiguration.Output, groups, RefusalReport.Excepted(lines), json);
            return groups.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await parse.InvocationConfiguration.Error.WriteLineAsync($"content-trust: {e.Message.TrimEnd('.')}; name the log with --audit-file, and are you root?").ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    /// <summary>The service asks the trust servers what is signed by keys that are pinned already. Without it the report has no such lines.</summary>
    private static async Task<IReadOnlyList<RefusalGroup>> WithAdmissionsAsync(ServiceSettings settings, IReadOnlyList<RefusalGroup> groups)
    {
        var question = new AdmissionsQuestion { Repositories = [.. RefusalGroup.Pinnable(groups).Take(PinningEndpoint.MostRepositories)] };
        if (question.Repositories.Count == 0)
        {
            return groups;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/admissions")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, AdminJson.Default.AdmissionsQuestion)),
        };
        var known = await AdminClient.TryAskAsync(settings, request, AdminJson.Default.IReadOnlyListAdmission, Budget).ConfigureAwait(false) ?? [];
        return [.. groups.Select(g => g with { Admit = known.FirstOrDefault(a => a.Repository == g.Repository) is { } a ? Stanza(a) : null })];
    }

    private static string Stanza(Admission admission) =>
        $"\"{admission.Member}\": {{ \"{admission.Repository}\": [{string.Join(", ", admission.Ids.Select(i => $"\"{i}\""))}] }}";

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
            output.Write(group.Admit is null ? "" : $"         signed by a key that you pin already; to admit it, in trust-pinning: {group.Admit}\n");
        }

        if (groups.Count == 0)
        {
            output.WriteLine("nothing was refused or would have been");
            return;
        }

        output.WriteLine(
            "What is signed by other keys that you know is let in by pinning them: content-trust keys IMAGE shows the lines to paste; "
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

        var paint = Paint.For(output);
        foreach (var image in answer.Images.OrderBy(i => Order(i)).ThenBy(i => i.Image, StringComparer.Ordinal))
        {
            output.WriteLine($"image      {paint.Word($"{image.Outcome,-9}")} {image.Image}{Why(image)}");
        }

        foreach (var container in answer.Containers.OrderBy(c => Order(c.Decision)).ThenByDescending(c => c.Running))
        {
            output.WriteLine($"container  {paint.Word($"{container.Decision.Outcome,-9}")} {container.Name} ({(container.Running ? "running" : "stopped")}){Why(container.Decision)}");
        }

        var running = answer.Containers.Count(c => c.Running && !c.Decision.IsAllowed);
        output.WriteLine($"{answer.Images.Count} images, {answer.Containers.Count} containers; {running} run that would not be allowed to start");
        return refused ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>What matters most comes first: refused, then what passes by an exception.</summary>
    private static int Order(DecisionAnswer decision) => !decision.IsAllowed ? 0 : decision.Outcome == "trusted" ? 2 : 1;

    private static string Why(DecisionAnswer decision) => decision.Outcome != "trusted"
        ? $": {decision.Message}"
        : string.Concat(decision.Checks.Where(c => c is { Check: "accept-until", Result: "passed" }).Select(c => $": {c.Detail}"));
}
