using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Changes of files that are already signed.</summary>
internal static class Layouts
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The same JSON with white space and escapes.</summary>
    internal static byte[] Spread(byte[] file) => Encoding.UTF8.GetBytes(JsonNode.Parse(file)!.ToJsonString(Indented));

    /// <summary>The whole envelope as a tree, changed.</summary>
    internal static byte[] Edit(byte[] file, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(file)!.AsObject();
        change(root);
        return Testing.Metadata.MetadataWriter.Canonical(root);
    }

    internal static byte[] Replace(byte[] file, string from, string to)
    {
        var text = Encoding.UTF8.GetString(file);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        return at < 0
            ? throw new InvalidOperationException($"the file has no {from}")
            : Encoding.UTF8.GetBytes(text[..at] + to + text[(at + from.Length)..]);
    }

    internal static byte[] FlipSignature(byte[] file) => Edit(file, root =>
    {
        foreach (var signature in root["signatures"]!.AsArray())
        {
            var bytes = Convert.FromBase64String(signature!["sig"]!.GetValue<string>());
            bytes[bytes.Length / 2] ^= 4;
            signature["sig"] = Convert.ToBase64String(bytes);
        }
    });
}
