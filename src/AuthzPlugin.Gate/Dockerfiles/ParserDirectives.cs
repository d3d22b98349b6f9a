using System.Text.RegularExpressions;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// The comments at the head of a Dockerfile that are none: <c># escape=</c>, <c># syntax=</c>, <c># check=</c>. Only the escape
/// character decides how the rest is read. Builders know <c>check</c> since 2024; before, it ended the directives.
/// </summary>
internal sealed partial class ParserDirectives
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private bool _done;

    /// <summary>The character that escapes and continues lines.</summary>
    public char Escape { get; private set; } = '\\';

    /// <summary>Reads the next line of the file, its leading white space removed.</summary>
    /// <exception cref="DockerfileException">The builder refuses it, or builders differ about it.</exception>
    public void Read(string line, int number)
    {
        if (_done)
        {
            return;
        }

        var match = Directive().Match(line);
        var name = match.Success ? match.Groups["name"].Value.ToLowerInvariant() : "";
        if (name is not ("escape" or "syntax" or "check"))
        {
            _done = true;
            if (LooseEscape().IsMatch(line))
            {
                throw new DockerfileException(number, "has an escape directive in a form that builders read differently; write # escape=` alone on the first line");
            }

            return;
        }

        if (!_seen.Add(name))
        {
            throw new DockerfileException(number, $"repeats the {name} directive");
        }

        if (name == "escape")
        {
            SetEscape(match.Groups["value"].Value, number);
        }
    }

    private void SetEscape(string value, int number)
    {
        if (value is not ("\\" or "`"))
        {
            throw new DockerfileException(number, "has an escape directive that is neither \\ nor `");
        }

        if (value == "`" && _seen.Contains("check"))
        {
            throw new DockerfileException(number, "has an escape directive after a check directive, which builders read differently; put it on the first line");
        }

        Escape = value[0];
    }

    [GeneratedRegex(@"\A#[\t\n\f\r ]*(?<name>[a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(?<value>.+?)[\t\n\f\r ]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    // Anything that some builder might take for one: white space beyond ASCII, trailing text.
    [GeneratedRegex(@"\A#[^a-zA-Z0-9]*escape[^a-zA-Z0-9]*=", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex LooseEscape();
}
