using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Trust.Tests.Vectors;

/// <summary>
/// Writes JSON in another layout: members reversed, spread over lines, everything escaped that can be. Not the zone of a time:
/// the Go client takes no time with escapes.
/// </summary>
internal static class JsonLayouts
{
    private const string EscapedZone = "\\u002B00:00\"";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static byte[] Spread(byte[] json) =>
        System.Text.Encoding.ASCII.GetBytes(Reverse(JsonNode.Parse(json))!.ToJsonString(Indented)
            .Replace(EscapedZone, "+00:00\"", StringComparison.Ordinal));

    private static JsonNode? Reverse(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Reverse().Select(m => KeyValuePair.Create(m.Key, Reverse(m.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Reverse)]),
        _ => node?.DeepClone(),
    };
}
