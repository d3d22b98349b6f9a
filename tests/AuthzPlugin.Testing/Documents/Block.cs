using System.Text.RegularExpressions;

namespace AuthzPlugin.Testing.Documents;

/// <summary>A block of an example: what stands between two fences, or in a man page between <c>.nf</c> and <c>.fi</c>.</summary>
/// <param name="Line">Of the opening fence, from 1.</param>
/// <param name="Words">The language and what stands behind it on the fence.</param>
public sealed record Block(string File, int Line, IReadOnlyList<string> Words, string Text)
{
    public string Language => Words.Count == 0 ? "" : Words[0];

    public bool Has(string word) => Words.Skip(1).Contains(word);

    /// <summary>The path behind the language: where the page says that the block is to be written; null: nowhere.</summary>
    public string? WrittenTo => Words.Skip(1).FirstOrDefault(w => w.StartsWith('/'));

    /// <summary>The commands of a session (<c>console</c>), each with what it prints.</summary>
    /// <exception cref="InvalidOperationException">It does not begin with a command.</exception>
    public IReadOnlyList<SessionStep> Session()
    {
        var steps = new List<SessionStep>();
        foreach (var line in Text.Split('\n'))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                steps.Add(new SessionStep(line[2..], []));
            }
            else
            {
                steps = steps.Count > 0 ? steps : throw new InvalidOperationException($"{this}: it must begin with $ and a command");
                steps[^1] = steps[^1] with { Shown = [.. steps[^1].Shown, line] };
            }
        }

        return steps;
    }

    public override string ToString() => $"{File}:{Line} {string.Join(' ', Words)}";
}

/// <summary>A command and the lines that a document shows of what it prints; <c>…</c> stands for any text, alone on a line for any lines.</summary>
public sealed record SessionStep(string Command, IReadOnlyList<string> Shown)
{
    /// <summary>Null when this is what was shown; else both, to be compared by a person.</summary>
    public string? Difference(string printed)
    {
        var pattern = string.Concat(Shown.Select(line => line == "…" ? "(?:.*\n)*" : Regex.Escape(line).Replace("…", ".*", StringComparison.Ordinal) + "\n"));
        return Regex.IsMatch(printed.TrimEnd('\n') + "\n", $"\\A{pattern}\\z")
            ? null
            : $"$ {Command}\nshould print\n{string.Join('\n', Shown)}\nand prints\n{printed}";
    }
}
