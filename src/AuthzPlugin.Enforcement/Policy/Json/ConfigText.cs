using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>Text from a configuration file in a one-line message: control and non-ASCII characters escaped, length capped.</summary>
internal static class ConfigText
{
    /// <summary>Most characters of a value that a message shows.</summary>
    public const int MaxShown = 120;

    public static string Quote(string text) => "\"" + Escape(text) + "\"";

    public static string Escape(string text)
    {
        var result = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxShown)))
        {
            _ = c switch
            {
                '"' or '\\' => result.Append('\\').Append(c),
                >= ' ' and <= '~' => result.Append(c),
                _ => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        return text.Length > MaxShown ? result.Append('…').ToString() : result.ToString();
    }

    /// <summary>A URL in a message: never with the user information that somebody may have put into it.</summary>
    public static string QuoteUrl(string text) =>
        text.Contains('@', StringComparison.Ordinal) ? "a URL with user information (not shown)" : Quote(text);

    /// <summary><c>a, b or c</c></summary>
    public static string OneOf(IEnumerable<string> words)
    {
        var all = words.ToArray();
        return all.Length < 2 ? string.Concat(all) : string.Join(", ", all[..^1]) + " or " + all[^1];
    }
}
