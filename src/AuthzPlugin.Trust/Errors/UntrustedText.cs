using System.Globalization;
using System.Text;

namespace AuthzPlugin.Trust.Errors;

/// <summary>Makes text from outside fit for a one-line message.</summary>
public static class UntrustedText
{
    /// <summary>Longest text shown, in characters (a full image reference has at most 455); the rest becomes an ellipsis.</summary>
    public const int MaxLength = 456;

    /// <summary>Everything but printable ASCII becomes <c>\uXXXX</c>, and long text is cut.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            if (c is >= ' ' and <= '~')
            {
                result.Append(c);
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return result.Append(text.Length > MaxLength ? "..." : "").ToString();
    }
}
