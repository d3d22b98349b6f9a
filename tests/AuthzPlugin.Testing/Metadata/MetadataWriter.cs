using System.Text;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>
/// Signs metadata as a publisher does. The signed part is a <see cref="JsonObject"/>, so that a test can damage it first.
/// Canonical JSON is written here a second time, apart from the product's own, so that the two check each other.
/// </summary>
public static class MetadataWriter
{
    /// <summary>A whole file: the signed part in canonical form and one signature of each key, in order.</summary>
    public static byte[] Sign(JsonNode signed, IEnumerable<TestKey> keys)
    {
        var canonical = Canonical(signed);
        return Envelope(canonical, [.. keys.Select(k => Signature(k, canonical))]);
    }

    /// <summary>One element of <c>signatures</c>.</summary>
    public static JsonObject Signature(TestKey key, byte[] canonical) => new()
    {
        ["keyid"] = key.Id,
        ["method"] = key.Method,
        ["sig"] = Convert.ToBase64String(key.Sign(canonical)),
    };

    /// <summary>Puts raw bytes and signatures together, well formed or not.</summary>
    public static byte[] Envelope(byte[] signed, IReadOnlyList<JsonObject> signatures) =>
        [.. "{\"signed\":"u8, .. signed, .. ",\"signatures\":"u8, .. Canonical(new JsonArray([.. signatures])), (byte)'}'];

    /// <summary>Canonical JSON: sorted by UTF-8 bytes, only backslash and quotation mark escaped, no white space.</summary>
    public static byte[] Canonical(JsonNode? node)
    {
        var output = new List<byte>();
        Write(node, output);
        return [.. output];
    }

    private static void Write(JsonNode? node, List<byte> output)
    {
        switch (node)
        {
            case JsonObject item:
                WriteObject(item, output);
                break;
            case JsonArray items:
                WriteArray(items, output);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                WriteText(text, output);
                break;
            default:
                output.AddRange(Encoding.UTF8.GetBytes(node?.ToJsonString() ?? "null"));
                break;
        }
    }

    private static void WriteObject(JsonObject item, List<byte> output)
    {
        output.Add((byte)'{');
        var separator = false;
        foreach (var (name, value) in item.OrderBy(m => Convert.ToHexString(Encoding.UTF8.GetBytes(m.Key)), StringComparer.Ordinal))
        {
            if (separator)
            {
                output.Add((byte)',');
            }

            separator = true;
            WriteText(name, output);
            output.Add((byte)':');
            Write(value, output);
        }

        output.Add((byte)'}');
    }

    private static void WriteArray(JsonArray items, List<byte> output)
    {
        output.Add((byte)'[');
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                output.Add((byte)',');
            }

            Write(items[i], output);
        }

        output.Add((byte)']');
    }

    private static void WriteText(string text, List<byte> output)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        output.Add((byte)'"');
        output.AddRange(Encoding.UTF8.GetBytes(escaped));
        output.Add((byte)'"');
    }
}
