using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust verify IMAGE…</c>: what the running service decides about images, check by check.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("IMAGE") { Description = "as in docker run: NAME, NAME:TAG, NAME@sha256:…, or an image id", Arity = ArgumentArity.OneOrMore };
        var offline = new Option<bool>("--offline") { Description = "ask no trust server: only what is known already" };
        var at = new Option<DateTimeOffset?>("--at") { Description = "judge expiry as of this time, such as 2027-01-01T00:00:00Z", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new GuidedCommand(
            "verify",
            "Decide images as a docker run would, with every check. Nothing is recorded or approved.",
            ["content-trust verify registry.example.com/team/app:1", "content-trust verify --at 2027-01-01T00:00:00Z registry.example.com/team/app:1"],
            [
                (ExitCodes.Ok, "all are trusted, or excepted by the policy"), (ExitCodes.Failed, "one is refused, or the service cannot be asked that"),
                (ExitCodes.Undecided, "none is refused, and one is undecided: the evidence could not be had"), .. GuidedCommand.OfService,
            ])
        {
            images, offline, at, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) =>
        {
            var question = new VerifyQuestion { Images = parse.GetValue(images)!, Offline = parse.GetValue(offline), At = parse.GetValue(at) };
            return AdminClient.AskAsync(
                parse, settings, "/verify", question, AdminJson.Default.VerifyQuestion, AdminJson.Default.IReadOnlyListDecisionAnswer,
                answers => Show(parse.InvocationConfiguration.Output, answers, parse.GetValue(json)));
        });
        return command;
    }

    private static int Show(TextWriter output, IReadOnlyList<DecisionAnswer> answers, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(answers, AdminJson.Default.IReadOnlyListDecisionAnswer));
        }
        else
        {
            foreach (var answer in answers)
            {
                DecisionOutput.Write(output, answer);
            }
        }

        return answers.Any(a => a.Outcome == "refused") ? ExitCodes.Failed : answers.All(a => a.IsAllowed) ? ExitCodes.Ok : ExitCodes.Undecided;
    }
}
