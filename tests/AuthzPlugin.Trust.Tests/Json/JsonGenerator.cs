using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Json;

/// <summary>Random JSON objects as metadata could hold them.</summary>
internal static class JsonGenerator
{
    private static readonly string[] Pieces = ["a", "B", "_", "\"", "\\", "/", "<", "\n", "\u0001", "\u007f", "é", "\u2028", "\ue000", "😀", "0"];

    internal static Gen<JsonNode> Documents => Gen.Sized(size => Object(Math.Min(size, 30)).Select(n => n!));

    private static Gen<string> Text => Gen.Elements(Pieces).ListOf().Select(string.Concat);

    private static Gen<JsonNode?> Value(int size) => size <= 1
        ? Leaf
        : Gen.Frequency((4, Leaf), (1, Object(size / 3)), (1, Array(size / 3)));

    private static Gen<JsonNode?> Leaf => Gen.OneOf(
        Text.Select(t => (JsonNode?)t),
        Gen.Choose(-100_000, 100_000).Select(n => (JsonNode?)n),
        Gen.Elements(true, false).Select(b => (JsonNode?)b),
        Gen.Constant((JsonNode?)null));

    private static Gen<JsonNode?> Array(int size) =>
        Value(size).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]));

    private static Gen<JsonNode?> Object(int size) =>
        Text.Zip(Value(size), (name, value) => (Name: name, Value: value)).ListOf().Select(members => (JsonNode?)new JsonObject(
            members.DistinctBy(m => m.Name).Select(m => KeyValuePair.Create(m.Name, m.Value?.DeepClone()))));
}
