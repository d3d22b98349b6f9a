using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust explain</c>: what would happen to a request, under the policy in force or another one.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var method = new Option<string>("--method") { Description = "HTTP method of the request (default GET)", HelpName = "METHOD", DefaultValueFactory = _ => "GET" };
        var uri = new Option<string?>("--uri") { Description = "its target, such as /v1.41/containers/create", HelpName = "TARGET" };
        var body = new Option<string?>("--body") { Description = "its JSON body, or @FILE", HelpName = "JSON" };
        var policy = new Option<string?>("--policy") { Description = "try this policy (a daemon.json, or the stanza alone) instead of the one in force", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var words = new Argument<string[]>("DOCKER-WORDS")
        {
            Description = "instead of --uri: -- " + DockerWords.Usage,
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new GuidedCommand(
            "explain",
            "Show what would be decided about a request, and do nothing: under the policy in force, or under another one before it is in force.",
            [
                "content-trust explain -- docker run registry.example.com/team/app:1",
                "content-trust explain --policy new.json --method POST --uri /v1.41/containers/create --body '{\"Image\":\"registry.example.com/team/app:1\"}'",
            ],
            [
                (ExitCodes.Ok, "it would be allowed"), (ExitCodes.Failed, "it would be refused, or the service cannot be asked that"),
                (ExitCodes.Undecided, "it would be undecided: the evidence could not be had"), .. GuidedCommand.OfService,
            ])
        {
            method, uri, body, policy, json, words,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) =>
        {
            var error = parse.InvocationConfiguration.Error;
            if (!TryQuestion(parse.GetValue(method)!, parse.GetValue(uri), parse.GetValue(body), parse.GetValue(words)!, out var question, out var problem))
            {
                error.WriteLine($"content-trust: {problem}");
                return Task.FromResult(ExitCodes.Usage);
            }

            question = question! with { Policy = parse.GetValue(policy) is { } file ? Path.GetFullPath(file) : null };
            return AdminClient.AskAsync(
                parse, settings, "/explain", question, AdminJson.Default.ExplainQuestion, AdminJson.Default.ExplanationAnswer,
                answer => Show(parse.InvocationConfiguration.Output, answer, parse.GetValue(json)));
        });
        return command;
    }

    private static bool TryQuestion(
        string method, string? uri, string? body, string[] words, out ExplainQuestion? question, out string problem)
    {
        (question, problem) = (null, "name a request: --method POST --uri /v1.41/containers/create --body '{\"Image\":\"…\"}', or -- docker run IMAGE");
        if (words.Length > 0)
        {
            question = uri is null && body is null ? DockerWords.Read(words) : null;
            problem = uri is null && body is null ? $"these words are not understood; write {DockerWords.Usage}, or use --uri" : "use either --uri or docker's words";
            return question is not null;
        }

        if (uri is null)
        {
            return false;
        }

        try
        {
            var text = body is ['@', .. var file] ? File.ReadAllText(file) : body;
            question = new ExplainQuestion { Method = method.ToUpperInvariant(), Uri = uri, Body = text };
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{e.Message.TrimEnd('.')}; name a file that can be read";
            return false;
        }
    }

    private static int Show(TextWriter output, ExplanationAnswer answer, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(answer, AdminJson.Default.ExplanationAnswer));
        }
        else
        {
            output.WriteLine($"{answer.Endpoint}, mode {answer.Mode}");
            if (answer.Decision is { } decision)
            {
                DecisionOutput.Write(output, decision);
                output.WriteLine(answer.Mode == "permissive" && !decision.IsAllowed ? "  permissive: it passes, and this is recorded" : "");
            }
            else
            {
                output.WriteLine($"  {answer.WithoutDecision}");
            }
        }

        return answer.Decision?.Outcome switch
        {
            "refused" => ExitCodes.Failed,
            "undecided" => ExitCodes.Undecided,
            _ => ExitCodes.Ok,
        };
    }
}
