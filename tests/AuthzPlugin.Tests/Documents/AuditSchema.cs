using System.Text.Json;
using System.Text.RegularExpressions;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Tests.Documents;

/// <summary>docs/audit.schema.json as a check: the words of JSON Schema that it uses, and members that it does not have are problems.</summary>
internal static class AuditSchema
{
    private static readonly JsonElement Root = JsonDocument.Parse(SourceTree.Read("docs/audit.schema.json")).RootElement;

    public static IReadOnlyList<string> Problems(JsonElement record) => [.. Problems("", record, Root)];

    private static IEnumerable<string> Problems(string path, JsonElement value, JsonElement schema)
    {
        foreach (var word in schema.EnumerateObject())
        {
            var found = word.Name switch
            {
                "type" => Has(value, word.Value.GetString()!) ? [] : [$"{path} is not of type {word.Value}"],
                "const" => JsonElement.DeepEquals(value, word.Value) ? [] : [$"{path} is not {word.Value}"],
                "enum" => word.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)) ? [] : [$"{path} is not one of {word.Value}"],
                "pattern" => Regex.IsMatch(value.GetString()!, word.Value.GetString()!) ? [] : [$"{path} does not match {word.Value}"],
                "minimum" => value.GetDouble() >= word.Value.GetDouble() ? [] : [$"{path} is less than {word.Value}"],
                "maxLength" => value.GetString()!.Length <= word.Value.GetInt32() ? [] : [$"{path} is longer than {word.Value}"],
                "format" => value.TryGetDateTimeOffset(out _) ? [] : [$"{path} is no time"],
                "required" => word.Value.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _)).Select(n => $"{path} has no {n}"),
                "properties" => Members(path, value, word.Value),
                "items" => value.EnumerateArray().SelectMany((item, i) => Problems($"{path}[{i}]", item, word.Value)),
                "$schema" or "title" or "description" => [],
                _ => (IEnumerable<string>)[$"{path}: the word {word.Name} of the schema is not checked"],
            };
            foreach (var problem in found)
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<string> Members(string path, JsonElement value, JsonElement properties) => value.EnumerateObject().SelectMany(
        m => properties.TryGetProperty(m.Name, out var schema) ? Problems($"{path}.{m.Name}", m.Value, schema) : [$"{path}.{m.Name} is not in the schema"]);

    private static bool Has(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
