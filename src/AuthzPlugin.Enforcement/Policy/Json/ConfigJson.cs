using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>
/// RFC 8259 bytes to a tree of <see cref="ConfigNode"/>. A UTF-8 byte order mark is passed over, as the engine does since 23.0;
/// duplicate keys are kept, because the engine accepts them and the policy does not.
/// </summary>
internal static class ConfigJson
{
    /// <summary>Deepest nesting; the engine's own configuration has six levels.</summary>
    public const int MaxDepth = 64;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Whether nothing but white space is in the file (the engine takes such a daemon.json for <c>{}</c>).</summary>
    public static bool IsBlank(ReadOnlySpan<byte> utf8) => WithoutMark(utf8).IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>On failure <paramref name="problem"/> says what was found, with line and column (of bytes, both from 1).</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ConfigNode? root, [NotNullWhen(false)] out string? problem)
    {
        root = null;
        problem = FindEncodingProblem(utf8);
        if (problem is not null)
        {
            return false;
        }

        try
        {
            root = ReadDocument(utf8);
            return true;
        }
        catch (JsonException e)
        {
            problem = string.Create(null, $"invalid JSON in line {e.LineNumber + 1}, column {e.BytePositionInLine + 1} ({Explain(e)})");
            return false;
        }
    }

    private static ConfigNode ReadDocument(ReadOnlySpan<byte> utf8)
    {
        var text = WithoutMark(utf8);
        var offset = utf8.Length - text.Length;
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        var root = ConfigNode.Root(KindOf(reader.TokenType), TextOf(ref reader));
        Fill(root, ref reader, offset);
        reader.Read(); // throws when anything but white space follows
        return root;
    }

    private static void Fill(ConfigNode node, ref Utf8JsonReader reader, int offset)
    {
        var start = offset + (int)reader.TokenStartIndex;
        if (node.Kind == ConfigKind.Object)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = TextOf(ref reader);
                reader.Read();
                Fill(node.AddMember(name, KindOf(reader.TokenType), TextOf(ref reader)), ref reader, offset);
            }
        }
        else if (node.Kind == ConfigKind.Array)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Fill(node.AddItem(KindOf(reader.TokenType), TextOf(ref reader)), ref reader, offset);
            }
        }

        node.Bytes = start..(offset + (int)reader.BytesConsumed);
    }

    private static ConfigKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => ConfigKind.Object,
        JsonTokenType.StartArray => ConfigKind.Array,
        JsonTokenType.String => ConfigKind.String,
        JsonTokenType.Number => ConfigKind.Number,
        JsonTokenType.Null => ConfigKind.Null,
        _ => ConfigKind.Boolean,
    };

    private static string TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            return "";
        }

        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape. The engine reads U+FFFD, which is legal in no key and no value of ours.
            return "\uFFFD";
        }
    }

    private static string? FindEncodingProblem(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith<byte>([0xFF, 0xFE]) || utf8.StartsWith<byte>([0xFE, 0xFF]))
        {
            return "UTF-16 text in line 1, column 1";
        }

        var (line, lineStart) = (1, 0);
        for (var at = 0; at < utf8.Length;)
        {
            if (Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
            {
                return string.Create(null, $"invalid UTF-8 in line {line}, column {at - lineStart + 1}");
            }

            at += length;
            (line, lineStart) = rune.Value == '\n' ? (line + 1, at) : (line, lineStart);
        }

        return null;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> utf8) =>
        utf8.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;

    /// <summary>The reader's own words, without its zero-based position.</summary>
    private static string Explain(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return ConfigText.Escape((end < 0 ? e.Message : e.Message[..end]).TrimEnd('.')).Replace("\\\"", "\"", StringComparison.Ordinal);
    }
}
