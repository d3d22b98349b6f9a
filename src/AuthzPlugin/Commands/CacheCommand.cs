using System.CommandLine;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust cache forget REPOSITORY</c>: the way out after a publisher started anew.</summary>
internal static class CacheCommand
{
    public static Command Create()
    {
        var repository = new Argument<string>("REPOSITORY") { Description = "such as registry.example.com/team/app" };
        var settings = new SettingsOptions();
        var forget = new Command(
            "forget",
            "Forget the trust data and the versions seen of a repository, after its owner lost a root key or restored a trust server; "
            + "the pins still decide, but older data is no longer recognised as older. Recorded in the audit log.") { repository };
        settings.AddTo(forget);
        forget.SetAction((parse, _) => AdminClient.CallAsync(
            parse,
            settings,
            HttpMethod.Post,
            "/cache/forget?repository=" + Uri.EscapeDataString(parse.GetValue(repository)!),
            AdminJson.Default.AdminAnswer,
            answer => parse.InvocationConfiguration.Output.WriteLine(answer.Message)));
        return new Command("cache", "The trust data that the service keeps.") { forget };
    }
}
