using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Untrusted text for one line of a message: printable ASCII, the rest escaped, capped.</summary>
internal static class PrintableText
{
    /// <summary>Longest piece that is shown, in characters before escaping: a full image reference fits.</summary>
    public const int MaxLength = 456;

    public static string Of(string text)
    {
        var shown = text.Length <= MaxLength ? text : text[..MaxLength];
        var result = new StringBuilder(shown.Length);
        foreach (var c in shown)
        {
            _ = c is >= ' ' and <= '~' and not '\\'
                ? result.Append(c)
                : result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return shown.Length == text.Length ? result.ToString() : result.Append("...").ToString();
    }
}
