using System.Text;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>
/// Reads <c>Cases/*.case</c>. A case begins with <c>=== name</c>, then <c>key: value</c> lines (never, works-on, policy), then steps: a line
/// <c>--- kind argument</c> and its text. <c>before</c> ahead of the kind: it happens before the policy is enforced. The requests of a
/// race's lane are parted by <c>+++</c>, lanes by <c>--- lane</c>. Lines that begin with <c>;</c> are remarks.
/// <c>post TARGET</c> is a plain request with the text as its JSON body.
/// Bytes are kept as they are (Latin-1 in memory).
/// </summary>
public static class CaseFile
{
    public static IReadOnlyList<AttackCase> All { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.case").Order(StringComparer.Ordinal).SelectMany(Read)];

    private static string Folder => SourceTree.PathOf("tests/AuthzPlugin.Bypass.Tests/Cases");

    private static IEnumerable<AttackCase> Read(string path)
    {
        var lines = File.ReadAllLines(path, Encoding.Latin1).Where(l => !l.StartsWith(';')).ToArray();
        var starts = Enumerable.Range(0, lines.Length).Where(i => lines[i].StartsWith("=== ", StringComparison.Ordinal)).Append(lines.Length).ToArray();
        return starts.Zip(starts.Skip(1), (from, to) => ReadCase(Path.GetFileNameWithoutExtension(path), lines[from..to]));
    }

    private static AttackCase ReadCase(string group, string[] lines)
    {
        var name = lines[0][4..].Trim();
        var first = Array.FindIndex(lines, l => l.StartsWith("--- ", StringComparison.Ordinal));
        if (first < 0)
        {
            throw new FormatException($"{group}: {name} has no steps");
        }

        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines[1..first].Where(l => l.Trim().Length > 0))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0 || line[..colon] is not ("never" or "works-on" or "policy") || !facts.TryAdd(line[..colon], line[(colon + 2)..].Trim()))
            {
                throw new FormatException($"{group}: {name}: unknown line: {line}");
            }
        }

        return new AttackCase(
            group,
            name,
            facts.GetValueOrDefault("never", "ran"),
            facts.GetValueOrDefault("works-on", "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            facts.GetValueOrDefault("policy", "{}"),
            [.. ReadSteps($"{group}: {name}", lines[first..])]);
    }

    private static List<AttackStep> ReadSteps(string where, string[] lines)
    {
        var steps = new List<AttackStep>();
        foreach (var (head, text) in Parts(lines))
        {
            var words = head[4..].Split(' ', 2, StringSplitOptions.TrimEntries);
            if (words[0] == "lane")
            {
                steps[^1] = steps[^1] with { Blocks = [.. steps[^1].Blocks, Requests(text)] };
                continue;
            }

            var before = words[0] == "before";
            words = before ? words[1].Split(' ', 2, StringSplitOptions.TrimEntries) : words;
            var kind = words[0] switch
            {
                "send" or "post" => StepKind.Send,
                "open" => StepKind.Open,
                "more" => StepKind.More,
                "sh" => StepKind.Shell,
                "start" => StepKind.Start,
                "wait" => StepKind.Wait,
                "race" => StepKind.Race,
                _ => throw new FormatException($"{where}: unknown step: {head}"),
            };
            steps.Add(new AttackStep(kind, before, words.Length > 1 ? words[1] : "", kind == StepKind.Race ? [] : [[words[0] == "post" ? Post(words[1], text) : text]]));
        }

        return steps;
    }

    private static IEnumerable<(string Head, string Text)> Parts(string[] lines)
    {
        for (var i = 0; i < lines.Length;)
        {
            var end = Array.FindIndex(lines, i + 1, l => l.StartsWith("--- ", StringComparison.Ordinal));
            end = end < 0 ? lines.Length : end;
            yield return (lines[i], string.Join('\n', lines[(i + 1)..end]).TrimEnd('\n'));
            i = end;
        }
    }

    private static string Post(string target, string body) => body.Length == 0
        ? $"POST {target} HTTP/1.1\nHost: e\nContent-Length: 0"
        : $"POST {target} HTTP/1.1\nHost: e\nContent-Type: application/json\nContent-Length: {{length}}\n\n{body}";

    // In a lane, "post TARGET" and the body below it are a request as well.
    private static string[] Requests(string text) => [.. text.Split("\n+++\n").Select(r => r.Trim('\n')).Select(r =>
        !r.StartsWith("post ", StringComparison.Ordinal) ? r : r.Split('\n', 2) is [var head, var body] ? Post(head[5..], body) : Post(r[5..], ""))];
}
