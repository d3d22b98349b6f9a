using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust cache list|show|purge|forget</c>: what is kept, and the way out after a publisher started anew.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var repository = Repository();
        var settings = new SettingsOptions();
        var json = JsonOption();
        var forget = new GuidedCommand(
            "forget",
            "Forget the trust data and the versions seen of a repository, after its owner lost a root key or restored a trust server; "
            + "the pins still decide, but older data is no longer recognised as older. Recorded in the audit log.",
            ["content-trust cache forget registry.example.com/team/app"],
            [(ExitCodes.Ok, "it is forgotten, or nothing was known of it"), (ExitCodes.Failed, "it is not; the message says why"), .. GuidedCommand.OfService])
        {
            repository, json,
        };
        settings.AddTo(forget);
        forget.SetAction((parse, _) => AdminClient.CallAsync(
            parse,
            settings,
            HttpMethod.Post,
            "/cache/forget?repository=" + Uri.EscapeDataString(parse.GetValue(repository)!),
            AdminJson.Default.AdminAnswer,
            answer => AnswerOutput.Write(parse.InvocationConfiguration.Output, answer, parse.GetValue(json))));
        return new Command("cache", "The trust data that the service keeps.") { List(), Show(), Purge(), forget };
    }

    private static GuidedCommand List()
    {
        var json = JsonOption();
        var settings = new SettingsOptions();
        var command = new GuidedCommand(
            "list",
            "Show the repositories of which something is kept: size, when the server was last asked, when the data expires.",
            ["content-trust cache list"],
            [(ExitCodes.Ok, "they are shown, or there are none"), (ExitCodes.Failed, "the cache cannot be read"), .. GuidedCommand.OfService])
        {
            json,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => AskAsync(parse, settings, all =>
        {
            var output = parse.InvocationConfiguration.Output;
            if (parse.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(all, AdminJson.Default.IReadOnlyListCachedAnswer));
                return ExitCodes.Ok;
            }

            foreach (var one in all)
            {
                output.WriteLine($"{one.Repository}  {(one.Bytes > 0 ? $"{one.Bytes} bytes" : "versions only")}, checked {one.CheckedAt?.ToString("u") ?? "never"}{Expiry(one)}");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static GuidedCommand Show()
    {
        var repository = Repository();
        var json = JsonOption();
        var settings = new SettingsOptions();
        var command = new GuidedCommand(
            "show",
            "Show what is kept of a repository: root keys, and the versions below which nothing is accepted.",
            ["content-trust cache show registry.example.com/team/app"],
            [(ExitCodes.Ok, "it is shown"), (ExitCodes.Failed, "nothing is known of it"), .. GuidedCommand.OfService])
        {
            repository, json,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => AskAsync(parse, settings, all =>
        {
            var name = parse.GetValue(repository)!;
            if (all.FirstOrDefault(a => a.Repository == name) is not { } found)
            {
                parse.InvocationConfiguration.Error.WriteLine($"content-trust: nothing is known of {UntrustedText.Escape(name)}; see content-trust cache list");
                return ExitCodes.Failed;
            }

            Write(parse.InvocationConfiguration.Output, found, parse.GetValue(json));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static GuidedCommand Purge()
    {
        var repository = new Argument<string?>("REPOSITORY") { Description = "default: all", Arity = ArgumentArity.ZeroOrOne };
        var json = JsonOption();
        var settings = new SettingsOptions();
        var command = new GuidedCommand(
            "purge",
            "Drop cached trust data, so that it is fetched anew. The versions seen stay: nothing older is accepted afterwards.",
            ["content-trust cache purge registry.example.com/team/app"],
            [(ExitCodes.Ok, "it is dropped"), (ExitCodes.Failed, "not all was dropped; the message says why"), .. GuidedCommand.OfService])
        {
            repository, json,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => AdminClient.CallAsync(
            parse,
            settings,
            HttpMethod.Post,
            "/cache/purge?repository=" + Uri.EscapeDataString(parse.GetValue(repository) ?? ""),
            AdminJson.Default.AdminAnswer,
            answer => AnswerOutput.Write(parse.InvocationConfiguration.Output, answer, parse.GetValue(json))));
        return command;
    }

    private static Option<bool> JsonOption() => new("--json") { Description = "as JSON" };

    private static string Expiry(CachedAnswer one) => one.ExpiresAt is { } at ? $", expires {at:u}" : "";

    private static Argument<string> Repository() => new("REPOSITORY") { Description = "such as registry.example.com/team/app" };

    private static Task<int> AskAsync(ParseResult parse, SettingsOptions settings, Func<IReadOnlyList<CachedAnswer>, int> show) => AdminClient.AskAsync(
        parse, settings, HttpMethod.Get, "/cache", AdminJson.Default.IReadOnlyListCachedAnswer, TimeSpan.FromMinutes(1), show);

    private static void Write(TextWriter output, CachedAnswer found, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize([found], AdminJson.Default.IReadOnlyListCachedAnswer));
            return;
        }

        output.WriteLine(found.Repository);
        output.WriteLine($"  cached         {found.Bytes} bytes");
        output.WriteLine($"  checked        {found.CheckedAt?.ToString("u") ?? "never"}{Expiry(found)}");
        if (found.MissingSince is { } missing)
        {
            output.WriteLine($"  missing since  {missing:u} (its server has no trust data of it any more)");
        }

        output.WriteLine($"  root keys      {string.Join(", ", found.RootKeyIds)}");
        foreach (var (role, version) in found.Versions.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"  version        {role} {version}");
        }
    }
}
