using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Percent-decoding as Go's <c>net/url</c> does it, once.</summary>
internal static class PercentEncoding
{
    /// <summary>Whether every <c>%</c> is followed by two hex digits.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOf('%'); i >= 0 && i < text.Length; i++)
        {
            if (text[i] == '%' && !IsEscape(text[i..]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Decodes ASCII text with valid escapes; false when the result is not UTF-8.</summary>
    /// <param name="plusIsSpace">In queries (<c>url.ParseQuery</c>) <c>+</c> is a space, in paths it is itself.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, bool plusIsSpace, [NotNullWhen(true)] out string? decoded)
    {
        var bytes = new byte[text.Length];
        var length = Decode(text, plusIsSpace, bytes);
        var isUtf8 = Utf8.IsValid(bytes.AsSpan(0, length));
        decoded = isUtf8 ? Encoding.UTF8.GetString(bytes, 0, length) : null;
        return isUtf8;
    }

    /// <summary>
    /// Decodes anything: invalid escapes stay as they are, bytes become Latin-1. For finding what must be refused, never for allowing.
    /// </summary>
    public static string DecodeLeniently(string text)
    {
        var bytes = new byte[text.Length];
        return Encoding.Latin1.GetString(bytes, 0, Decode(text, plusIsSpace: false, bytes));
    }

    private static int Decode(ReadOnlySpan<char> text, bool plusIsSpace, Span<byte> bytes)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var escaped = text[i] == '%' && IsEscape(text[i..]);
            bytes[length++] = escaped ? byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                : text[i] == '+' && plusIsSpace ? (byte)' '
                : text[i] < 0x80 ? (byte)text[i]
                : (byte)'?';
            i += escaped ? 2 : 0;
        }

        return length;
    }

    private static bool IsEscape(ReadOnlySpan<char> text) =>
        text.Length > 2 && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]);
}
