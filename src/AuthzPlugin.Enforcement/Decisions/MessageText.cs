using System.Globalization;
using System.Text;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>Makes untrusted text fit for one line that people read on terminals and in logs.</summary>
public static class MessageText
{
    /// <summary>Longest escaped text that is shown, in characters.</summary>
    public const int MaxLength = 400;

    /// <summary>Escapes everything but printable ASCII as <c>\uXXXX</c> and cuts what is too long.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var c in text)
        {
            if (result.Length >= MaxLength)
            {
                return result.Append("...").ToString();
            }

            if (c is >= ' ' and <= '~')
            {
                result.Append(c);
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return result.ToString();
    }

    /// <summary>A digest short enough for a sentence: <c>sha256:4a0c11d3f2b9…</c> is unambiguous to a person.</summary>
    public static string Short(string digest) => digest.Length > 19 ? digest[..19] + "..." : digest;
}
