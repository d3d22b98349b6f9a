using System.Globalization;
using System.Text;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Reads the text of a trusted identity, <c>C=US, ST=WA, O=wabbit-networks.io</c> (RFC 4514, with <c>S</c> for <c>ST</c>).</summary>
internal static class NotationIdentity
{
    private static readonly string[] Mandatory = ["C", "ST", "O"];

    /// <exception cref="FormatException">It is no name, or breaks a rule; the message is half a sentence.</exception>
    internal static DistinguishedName Parse(string text)
    {
        if (text.Contains("=#", StringComparison.Ordinal))
        {
            throw new FormatException("has \"=#\", which is not supported");
        }

        var attributes = new List<KeyValuePair<string, string>>();
        for (var rest = text.AsSpan(); ;)
        {
            var end = FindEnd(rest);
            attributes.Add(Attribute(rest[..end]));
            if (end == rest.Length)
            {
                break;
            }

            rest = rest[(end + 1)..];
        }

        if (attributes.DistinctBy(a => a.Key, StringComparer.Ordinal).Count() != attributes.Count)
        {
            throw new FormatException("has an attribute twice");
        }

        return Mandatory.FirstOrDefault(m => !attributes.Exists(a => a.Key == m && a.Value.Length > 0)) is { } missing
            ? throw new FormatException($"has no {missing} (C, ST and O are mandatory)")
            : new DistinguishedName(attributes);
    }

    // Of the first attribute: the next separator that is not escaped.
    private static int FindEnd(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case ',' or ';':
                    return i;
                case '+':
                    throw new FormatException("has two attributes joined by +, which is not supported");
            }
        }

        return text.Length;
    }

    private static KeyValuePair<string, string> Attribute(ReadOnlySpan<char> text)
    {
        var equals = text.IndexOf('=');
        var name = equals < 0 ? "" : text[..equals].Trim(' ').ToString();
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
        {
            throw new FormatException("has a part that is not written NAME=VALUE");
        }

        return new(name == "S" ? "ST" : name, Value(text[(equals + 1)..]));
    }

    private static string Value(ReadOnlySpan<char> text)
    {
        // Escapes can stand for bytes of UTF-8, so bytes are collected. Spaces at the ends count only when they are escaped.
        var (bytes, length) = (new List<byte>(), 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                if (text[i] == ' ' && bytes.Count == 0)
                {
                    continue;
                }

                var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Slice(i, pair).ToString()));
                length = text[i] == ' ' ? length : bytes.Count;
                i += pair - 1;
                continue;
            }

            i += Unescape(text[(i + 1)..], bytes);
            length = bytes.Count;
        }

        var value = bytes.GetRange(0, length).ToArray();
        return System.Text.Unicode.Utf8.IsValid(value) ? Encoding.UTF8.GetString(value) : throw new FormatException("has an escape that is no UTF-8");
    }

    // Returns how many characters followed the backslash.
    private static int Unescape(ReadOnlySpan<char> text, List<byte> bytes)
    {
        if (text.Length > 0 && " \"#+,;<=>\\".Contains(text[0], StringComparison.Ordinal))
        {
            bytes.Add((byte)text[0]);
            return 1;
        }

        if (text.Length > 1 && byte.TryParse(text[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            bytes.Add(value);
            return 2;
        }

        throw new FormatException("has a backslash that escapes nothing");
    }
}
