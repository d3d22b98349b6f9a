using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>Untrusted text in messages: control and non-ASCII characters escaped, length capped.</summary>
internal static class Printable
{
    private const int Longest = 120;

    public static string From(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, Longest) + 8);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            _ = char.IsAscii(c) && !char.IsControl(c)
                ? shown.Append(c)
                : shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return text.Length > Longest ? shown.Append("...").ToString() : shown.ToString();
    }
}
