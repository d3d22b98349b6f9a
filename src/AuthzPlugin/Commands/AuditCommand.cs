using System.CommandLine;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust audit verify</c> and <c>audit show</c>: read the audit log's files, with or without the service.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", "The audit log: check that nothing was changed, or show records.") { Verify(), Show() };

    private static GuidedCommand Verify()
    {
        var file = FileOption();
        var head = new Option<string?>("--head")
        {
            Description = "a head that was kept elsewhere (\"audit log ends at SEQ:HASH\" in the journal): the log must contain it",
            HelpName = "SEQ:HASH",
        };
        var json = JsonOption();
        var command = new GuidedCommand(
            "verify",
            "Check the chain over all files of the log. The files may be copies on another machine.",
            ["content-trust audit verify", "content-trust audit verify --file copy/audit.log --head SEQ:HASH"],
            [(ExitCodes.Ok, "the chain is whole"), (ExitCodes.Failed, "something was changed, removed or put in, or a file cannot be read"), .. GuidedCommand.OfSettings])
        {
            file, head, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction(parse => OnLog(settings, parse, file, path =>
        {
            AuditHead? anchor = null;
            if (parse.GetValue(head) is { } text && !AuditHead.TryParse(text, out anchor))
            {
                parse.InvocationConfiguration.Error.WriteLine("content-trust: --head is not SEQ:HASH (a number and 64 hex digits); copy it from the journal");
                return ExitCodes.Usage;
            }

            var report = AuditVerifier.Verify(path, anchor);
            AuditOutput.Write(parse.InvocationConfiguration.Output, report, parse.GetValue(json));
            return report.Findings.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        }));
        return command;
    }

    private static GuidedCommand Show()
    {
        var file = FileOption();
        var since = new Option<DateTimeOffset?>("--since") { Description = "from this time on, such as 2026-11-22T10:00:00Z", HelpName = "TIME" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "before this time", HelpName = "TIME" };
        var image = new Option<string?>("--image") { Description = "image or repository contains this", HelpName = "TEXT" };
        var outcome = new Option<string?>("--outcome") { Description = "trusted, refused, undecided or excepted" }.AcceptOnlyFromAmong("trusted", "refused", "undecided", "excepted");
        var user = new Option<string?>("--user") { Description = "common name of the TLS client certificate", HelpName = "NAME" };
        var json = JsonOption();
        var command = new GuidedCommand(
            "show",
            "Show records, the oldest first; with --json as they stand in the log, one a line.",
            ["content-trust audit show --since 2026-11-22T00:00:00Z --outcome refused --image registry.example.com/team/app"],
            [(ExitCodes.Ok, "they are shown, or there are none"), (ExitCodes.Failed, "a file cannot be read"), .. GuidedCommand.OfSettings])
        {
            file, since, until, image, outcome, user, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction(parse => OnLog(settings, parse, file, path =>
        {
            var filter = new AuditFilter
            {
                Since = parse.GetValue(since),
                Until = parse.GetValue(until),
                Image = parse.GetValue(image),
                Outcome = parse.GetValue(outcome),
                User = parse.GetValue(user),
            };
            foreach (var line in AuditReader.Read(path).Where(filter.Takes))
            {
                AuditOutput.Write(parse.InvocationConfiguration.Output, line, parse.GetValue(json));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static int OnLog(SettingsOptions options, ParseResult parse, Option<string?> file, Func<string, int> act)
    {
        var error = parse.InvocationConfiguration.Error;
        var path = parse.GetValue(file);
        if (path is null)
        {
            if (options.Read(parse) is not { } settings)
            {
                return ExitCodes.BadConfiguration;
            }

            path = settings.AuditFile;
        }

        try
        {
            return act(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"content-trust: {e.Message.TrimEnd('.')}; name the log with --file, and are you root?");
            return ExitCodes.Failed;
        }
    }

    private static Option<string?> FileOption() => new("--file")
    {
        Description = "the newest file of a log, also a copy; older ones (.1, .2, …) lie beside it. Default: the service's own",
        HelpName = "FILE",
    };

    private static Option<bool> JsonOption() => new("--json") { Description = "as JSON" };
}
