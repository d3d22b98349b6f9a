using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust status</c>: what the running service does, and what is wrong.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var days = new Option<int>("--expiring-within")
        {
            Description = "name repositories whose trust data expires within so many days",
            HelpName = "DAYS",
            DefaultValueFactory = _ => ServiceStatus.DefaultDays,
        };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var settings = new SettingsOptions();
        var command = new GuidedCommand(
            "status",
            "Show what the service does and what is wrong: mode, policy, engine, decisions, trust servers, cached trust data and when it expires, "
                + "and what runs or is open on this host.",
            ["content-trust status --expiring-within 30"],
            [(ExitCodes.Ok, "the service answers, whatever it says"), .. GuidedCommand.OfService])
        {
            days, json,
        };
        settings.AddTo(command);
        command.SetAction((parse, _) => AdminClient.CallAsync(
            parse,
            settings,
            HttpMethod.Get,
            "/status?expiring-within=" + Math.Max(0, parse.GetValue(days)).ToString(CultureInfo.InvariantCulture),
            AdminJson.Default.ServiceStatus,
            status => Show(parse.InvocationConfiguration.Output, status, parse.GetValue(json))));
        return command;
    }

    private static void Show(TextWriter output, ServiceStatus status, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(status, AdminJson.Default.ServiceStatus));
        }
        else
        {
            StatusOutput.Write(output, status);
        }
    }
}
