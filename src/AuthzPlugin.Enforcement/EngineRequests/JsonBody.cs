using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// A JSON body that Go's <c>encoding/json</c> and this program read alike (rule R6, engine-authz.md 2.3): UTF-8 without a byte order mark,
/// one object, nothing but white space after it, no two keys that Go takes for one, known fields spelled exactly.
/// In the document that comes of it, members are found by their exact name.
/// </summary>
internal static class JsonBody
{
    /// <summary>Deepest nesting; Go takes 10000, honest bodies have about 8.</summary>
    public const int MaxDepth = 128;

    /// <summary>Largest body, in bytes; engines show at most 4 MiB.</summary>
    public const int MaxLength = 8 << 20;

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Reads the body; on failure <paramref name="problem"/> is half a sentence about the request, with the next step.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        JsonShape shape,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out string? problem)
    {
        document = null;
        problem = body.Length > MaxLength ? $"has a body of more than {MaxLength} bytes; make it smaller"
            : Utf8.IsValid(body.Span) ? null
            : "has a body that is not UTF-8; correct it";
        if (problem is not null || !TryParse(body, out var parsed, out problem))
        {
            return false;
        }

        problem = parsed.RootElement.ValueKind == JsonValueKind.Object
            ? CheckObject(parsed.RootElement, shape)
            : "has a body that is not a JSON object; send one";
        if (problem is not null)
        {
            parsed.Dispose();
            return false;
        }

        document = parsed;
        return true;
    }

    private static bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out string? problem)
    {
        try
        {
            // Refuses what is more than white space behind the object.
            document = JsonDocument.Parse(body, DocumentOptions);
            problem = null;
            return true;
        }
        catch (JsonException)
        {
            document = null;
            problem = $"has a body that is not one well-formed JSON object of at most {MaxDepth} levels; correct it";
            return false;
        }
    }

    private static string? CheckValue(JsonElement value, JsonShape shape) => value.ValueKind switch
    {
        JsonValueKind.Object => CheckObject(value, shape),
        JsonValueKind.Array => CheckArray(value, shape),
        _ => null,
    };

    private static string? CheckArray(JsonElement array, JsonShape shape)
    {
        foreach (var item in array.EnumerateArray())
        {
            if (CheckValue(item, shape.Element) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? CheckObject(JsonElement holder, JsonShape shape)
    {
        if (!shape.HasFields && IsPlainMap(holder))
        {
            return null;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in holder.EnumerateObject())
        {
            if ((CheckKey(property, shape, seen, out var member) ?? CheckValue(property.Value, member)) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>
    /// A map with nothing deeper in it and each key greater than the one before, as Go writes them (labels): no key can be there twice, and
    /// none needs a text.
    /// </summary>
    private static bool IsPlainMap(JsonElement map)
    {
        ReadOnlySpan<byte> last = default;
        foreach (var property in map.EnumerateObject())
        {
            var key = JsonMarshal.GetRawUtf8PropertyName(property);
            if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array || key.Contains((byte)'\\') || key.SequenceCompareTo(last) <= 0)
            {
                return false;
            }

            last = key;
        }

        return true;
    }

    private static string? CheckKey(JsonProperty property, JsonShape shape, HashSet<string> seen, out JsonShape member)
    {
        member = JsonShape.Any;
        if (!TryName(property, out var key))
        {
            return "has a key with half a surrogate pair in its body; correct it";
        }

        return !shape.TryMember(key, out member, out var exact)
            ? $"has the key {UntrustedText.Escape(key)} in its body, which engines read as {exact}; write {exact}"
            : !seen.Add(shape.Identity(key)) ? $"has the key {UntrustedText.Escape(key)} more than once in one object of its body; send it once"
            : null;
    }

    // Escaped halves of surrogate pairs: Go puts U+FFFD there, .NET has no text for them.
    private static bool TryName(JsonProperty property, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = null;
            return false;
        }
    }
}
