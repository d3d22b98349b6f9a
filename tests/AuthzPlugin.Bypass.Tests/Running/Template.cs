using System.Globalization;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>
/// Turns the text of a case into bytes (as Latin-1 characters): <c>{name}</c> is a variable, <c>{x:c5bf}</c> bytes in hex, <c>{pad:N}</c>
/// N letters, <c>{blank:N}</c> N blanks, <c>{length}</c> the length of the body. Lines of the head end in CRLF; a body under
/// <c>Transfer-Encoding: chunked</c> is sent as one chunk and the end.
/// </summary>
public sealed partial class Template(IReadOnlyDictionary<string, string> variables)
{
    public string Expand(string text, int iteration = 0) => Place().Replace(text, match => match.Groups[1].Value switch
    {
        "x" => string.Concat(Convert.FromHexString(match.Groups[2].Value).Select(b => (char)b)),
        "pad" => new string('a', int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)),
        "blank" => new string(' ', int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)),
        "i" => iteration.ToString(CultureInfo.InvariantCulture),
        "length" => match.Value,
        var name => variables.TryGetValue(name, out var value) ? value : throw new FormatException($"there is no variable {match.Value}"),
    });

    /// <param name="complete">False: the head and the first bytes of a body, as they stand.</param>
    public string Request(string text, bool complete, int iteration = 0)
    {
        var expanded = Expand(text, iteration);
        var end = expanded.IndexOf("\n\n", StringComparison.Ordinal);
        var (head, body) = end < 0 ? (expanded, "") : (expanded[..end], expanded[(end + 2)..]);
        if (complete && head.Contains("\nTransfer-Encoding: chunked", StringComparison.Ordinal))
        {
            body = body.Length == 0 ? "0\r\n\r\n" : $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n";
        }

        head = head.Replace("{length}", body.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return head.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" + body;
    }

    [GeneratedRegex(@"\{([a-z][a-z0-9]*)(?::([0-9a-f]+))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
