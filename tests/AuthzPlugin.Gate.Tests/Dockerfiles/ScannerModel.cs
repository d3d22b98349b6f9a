using System.Text;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Gate.Tests.Dockerfiles;

/// <summary>How moby 20.10.24 cuts a Dockerfile into instructions (parser.go, Parse), line by line and with its regular expressions.</summary>
internal static partial class ScannerModel
{
    public static IReadOnlyList<string> Instructions(byte[] file)
    {
        var lines = Encoding.Latin1.GetString(file).Split('\n');
        lines = lines[^1].Length == 0 ? lines[..^1] : lines;
        var result = new List<string>();
        var escape = '\\';
        var done = false;
        for (var i = 0; i < lines.Length;)
        {
            var line = Trim(i == 0 ? WithoutMark(Cut(lines[i])) : Cut(lines[i]));
            i++;
            if (!done)
            {
                var match = Directive().Match(line);
                var name = match.Groups[1].Value.ToLowerInvariant();
                done = !match.Success || name is not ("escape" or "syntax");
                escape = !done && name == "escape" ? match.Groups[2].Value[0] : escape;
            }

            line = line.StartsWith('#') ? "" : line;
            var (text, ends) = Continuation(line, escape);
            if (ends && text.Length == 0)
            {
                continue;
            }

            while (!ends && i < lines.Length)
            {
                var next = Cut(lines[i]);
                i++;
                if (Trim(next).StartsWith('#') || Trim(next).Length == 0)
                {
                    continue;
                }

                (next, ends) = Continuation(next, escape);
                text += next;
            }

            result.Add(text);
        }

        return result;
    }

    public static string KeywordOf(string instruction) => Separator().Split(Trim(instruction), 2)[0];

    private static (string Text, bool Ends) Continuation(string line, char escape)
    {
        var pattern = escape == '`' ? Backtick() : Backslash();
        return pattern.IsMatch(line) ? (pattern.Replace(line, "$1"), false) : (line, true);
    }

    private static string Cut(string line) => line.EndsWith('\r') ? line[..^1] : line;

    private static string WithoutMark(string line) => line.StartsWith("\u00ef\u00bb\u00bf", StringComparison.Ordinal) ? line[3..] : line;

    private static string Trim(string line) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Decode(line).TrimStart()));

    // Bytes that are no UTF-8 are no white space either.
    private static string Decode(string line) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(line));

    [GeneratedRegex(@"^#[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    [GeneratedRegex(@"([^\\])\\[ \t]*\z|^\\[ \t]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Backslash();

    [GeneratedRegex(@"([^`])`[ \t]*\z|^`[ \t]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Backtick();

    [GeneratedRegex(@"[\t\v\f\r ]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separator();
}
