using System.Buffers;

namespace AuthzPlugin.Trust.Json;

/// <summary>
/// Canonical JSON as Notary signs it (notary-v1.md 2.2; not RFC 8785): names in ascending order of their UTF-8 bytes, no white space,
/// only backslash and quotation mark escaped and every other character raw, control characters included; integers only.
/// </summary>
internal static class CanonicalJson
{
    /// <summary>
    /// The canonical form of a value. Where the file has it already, which publishers see to, its own bytes without a copy.
    /// </summary>
    internal static ReadOnlyMemory<byte> Of(JsonValue value)
    {
        if (IsCanonical(value.Json, value.Index))
        {
            return value.Json.Raw(value.Index);
        }

        var output = new ArrayBufferWriter<byte>();
        Write(value.Json, value.Index, output);
        return output.WrittenMemory;
    }

    /// <summary>Writes text between quotation marks.</summary>
    internal static void WriteText(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        for (var special = text.IndexOfAny((byte)'"', (byte)'\\'); special >= 0; special = text.IndexOfAny((byte)'"', (byte)'\\'))
        {
            output.Write(text[..special]);
            output.Write("\\"u8);
            output.Write(text.Slice(special, 1));
            text = text[(special + 1)..];
        }

        output.Write(text);
        output.Write("\""u8);
    }

    /// <summary>
    /// Adds up how long the canonical form would be. Texts without escapes, integers and literals have one form only, so when names
    /// are in order and the length agrees there can be no white space left: the bytes are canonical.
    /// </summary>
    private static bool IsCanonical(StrictJson json, int index)
    {
        var root = json.Token(index);
        if (root.Kind is not (JsonKind.Object or JsonKind.Array))
        {
            return false;
        }

        // Every value but the first of its container has a comma before it; the outermost value has none.
        long length = -1;
        for (var i = index; i < root.Next; i++)
        {
            ref readonly var token = ref json.Token(i);
            if ((token.Flags & (JsonTokenFlags.Unescaped | JsonTokenFlags.Unsorted)) != 0)
            {
                return false;
            }

            length += LengthOf(token, isEmpty: token.Next == i + 1);
        }

        return length == root.Length;
    }

    private static int LengthOf(in JsonToken token, bool isEmpty) => token.Kind switch
    {
        JsonKind.Object or JsonKind.Array => isEmpty ? 3 : 2,
        JsonKind.String => token.Length + 3,
        _ => token.Length + 1,
    };

    private static void Write(StrictJson json, int index, ArrayBufferWriter<byte> output)
    {
        switch (json.Token(index).Kind)
        {
            case JsonKind.Object:
                WriteObject(json, index, output);
                break;
            case JsonKind.Array:
                WriteArray(json, index, output);
                break;
            case JsonKind.String:
                WriteText(json.Bytes(index), output);
                break;
            default:
                output.Write(json.Bytes(index));
                break;
        }
    }

    private static void WriteObject(StrictJson json, int index, ArrayBufferWriter<byte> output)
    {
        output.Write("{"u8);
        var isFirst = true;
        foreach (var (name, value) in new JsonValue(json, index).SortedMembers())
        {
            output.Write(isFirst ? default : ","u8);
            WriteText(name.Utf8, output);
            output.Write(":"u8);
            Write(json, value.Index, output);
            isFirst = false;
        }

        output.Write("}"u8);
    }

    private static void WriteArray(StrictJson json, int index, ArrayBufferWriter<byte> output)
    {
        output.Write("["u8);
        for (var i = index + 1; i < json.Token(index).Next; i = json.Token(i).Next)
        {
            output.Write(i == index + 1 ? default : ","u8);
            Write(json, i, output);
        }

        output.Write("]"u8);
    }
}
