using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>A here-document that an instruction announces.</summary>
/// <param name="Terminator">The line that ends it, one byte in each character.</param>
/// <param name="TabsTrimmed">Whether tabs may stand before the terminator.</param>
internal sealed record Heredoc(string Terminator, bool TabsTrimmed);

/// <summary>
/// Finds the here-documents of <c>RUN</c>, <c>COPY</c> and <c>ADD</c>. BuildKit passes over their lines; the classic builder of 20.10
/// knows none and would take the lines for instructions, a later one refuses them: so they are refused for it.
/// </summary>
internal static partial class Heredocs
{
    /// <param name="instruction">Itself, or what stands after ONBUILD.</param>
    /// <param name="line">The whole line.</param>
    /// <exception cref="DockerfileException">The classic builder would execute it.</exception>
    public static IReadOnlyList<Heredoc> Of(Instruction instruction, string line, BuilderKind builder)
    {
        if (instruction.Keyword is not ("run" or "copy" or "add") || !line.Contains("<<", StringComparison.Ordinal))
        {
            return [];
        }

        if (builder == BuilderKind.Classic)
        {
            return Loose().IsMatch(line)
                ? throw new DockerfileException(instruction.Line, "has a here-document, which the classic builder cannot execute; use BuildKit")
                : [];
        }

        return IsJson(instruction.Arguments.Bytes)
            ? []
            : [.. ShellLexer.Split(line, raw: true).Select(Read).OfType<Heredoc>()];
    }

    private static Heredoc? Read(string word)
    {
        var match = Word().Match(word);
        var rest = match.Success ? match.Groups["rest"].Value : "";
        return rest.Length > 0 && ShellLexer.Split(rest, raw: false) is [var terminator]
            ? new Heredoc(terminator, match.Groups["dash"].Length > 0)
            : null;
    }

    /// <summary>The exec form holds no here-document.</summary>
    private static bool IsJson(string arguments)
    {
        if (!arguments.AsSpan().TrimStart().StartsWith("["))
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(Encoding.Latin1.GetBytes(arguments));
            return json.RootElement.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String);
        }
        catch (JsonException)
        {
            // The builder then takes it for the shell form as well.
            return false;
        }
    }

    [GeneratedRegex(@"\A[0-9]*<<(?<dash>-?)[\t\n\f\r ]*(?<rest>[^<]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    // Wider than any builder's rule: a word that begins with << once.
    [GeneratedRegex(@"(?:\A|[^!-~])[0-9]*<<(?!<)", RegexOptions.CultureInvariant)]
    private static partial Regex Loose();
}
