using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Import;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust import</c>: the stanza that means what a policy of another program means, and every difference.</summary>
internal static class ImportCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static Command Create() => new("import", "The stanza that means what the policy of another program means.")
    {
        Of("notation", "Notation's trustpolicy.json", "trustpolicy.json", PolicyImport.Notation),
        Of(
            "containers-policy",
            "policy.json of Podman, Skopeo, CRI-O and Buildah (containers-policy.json(5))",
            "/etc/containers/policy.json",
            PolicyImport.ContainersPolicy),
        Of("mirantis", "daemon.json of Docker Enterprise or Mirantis Container Runtime", "/etc/docker/daemon.json", PolicyImport.Mirantis),
    };

    private static GuidedCommand Of(string name, string what, string example, Func<string, ImportResult> read)
    {
        var file = new Argument<string>("FILE") { Description = what };
        var json = new Option<bool>("--json") { Description = "stanza and differences as JSON" };
        var command = new GuidedCommand(
            name,
            $"Print the stanza equivalent to {what}, and on standard error line by line what has no equivalent. Nothing is written, and nobody is asked.",
            [$"content-trust import {name} {example}"],
            [
                (ExitCodes.Ok, "the stanza is printed; it admits nothing that the file refuses"),
                (ExitCodes.Failed, "the stanza is printed, and admits something that the file refuses, or may: the lines \"looser\" say what"),
                (ExitCodes.Usage, "the command line is wrong"), (ExitCodes.BadConfiguration, "the file has problems; nothing is printed"),
            ])
        {
            file, json,
        };
        command.SetAction((parse, _) => Task.FromResult(Run(parse, read(parse.GetValue(file)!), parse.GetValue(json))));
        return command;
    }

    private static int Run(ParseResult parse, ImportResult result, bool json)
    {
        var (output, error) = (parse.InvocationConfiguration.Output, parse.InvocationConfiguration.Error);
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(ImportAnswer.From(result), CommandJson.Default.ImportAnswer));
        }
        else
        {
            PolicyReport.WriteAll(error, "problem", result.Problems);
            foreach (var note in result.Notes)
            {
                error.WriteLine(note.ToString());
            }

            if (result.Stanza is { } stanza)
            {
                output.WriteLine(Text(stanza));
            }
        }

        return result switch
        {
            { Stanza: null } => ExitCodes.BadConfiguration,
            { IsLooser: true } => ExitCodes.Failed,
            _ => ExitCodes.Ok,
        };
    }

    private static string Text(JsonObject stanza)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            stanza.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}

/// <summary>What <c>import --json</c> prints.</summary>
/// <param name="Stanza">Null when there are problems.</param>
internal sealed record ImportAnswer(JsonObject? Stanza, IReadOnlyList<ImportDifference> Differences, IReadOnlyList<PolicyProblem> Problems)
{
    public static ImportAnswer From(ImportResult result) =>
        new(result.Stanza, [.. result.Notes.Select(n => new ImportDifference(n.Word, n.Path, n.Text))], result.Problems);
}

/// <param name="Effect"><c>looser</c>, <c>stricter</c>, <c>to-do</c> or <c>not-used</c>.</param>
/// <param name="Path">JSON path in the file.</param>
internal sealed record ImportDifference(string Effect, string Path, string Text);
