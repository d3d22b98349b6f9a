using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// A JSON body that Go's <c>encoding/json</c> and this program read alike (rule R6, engine-authz.md 2.3): UTF-8 without a byte order mark,
/// one object, nothing but white space after it, no two keys that Go takes for one, known fields spelled exactly.
/// Only then is it opened as a document, where members are found by their exact name.
/// </summary>
internal static class JsonBody
{
    /// <summary>Deepest nesting; Go takes 10000, honest bodies have about 8.</summary>
    public const int MaxDepth = 128;

    /// <summary>Largest body, in bytes; engines show at most 4 MiB.</summary>
    public const int MaxLength = 8 << 20;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Reads the body; on failure <paramref name="problem"/> is half a sentence about the request, with the next step.</summary>
    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        JsonShape shape,
        [NotNullWhen(true)] out JsonDocument? document,
        [NotNullWhen(false)] out string? problem)
    {
        document = null;
        problem = body.Length > MaxLength ? $"has a body of more than {MaxLength} bytes; make it smaller"
            : Utf8.IsValid(body.Span) ? Check(body.Span, shape)
            : "has a body that is not UTF-8; correct it";
        document = problem is null ? JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth }) : null;
        return problem is null;
    }

    private static string? Check(ReadOnlySpan<byte> body, JsonShape shape)
    {
        try
        {
            var reader = new Utf8JsonReader(body, ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "has a body that is not a JSON object; send one";
            }

            // Reading on behind the object throws when there is more than white space.
            return CheckObject(ref reader, shape) ?? (reader.Read() ? "has something behind its JSON body; send one object" : null);
        }
        catch (JsonException)
        {
            return $"has a body that is not one well-formed JSON object of at most {MaxDepth} levels; correct it";
        }
    }

    private static string? CheckValue(ref Utf8JsonReader reader, JsonShape shape) => reader.TokenType switch
    {
        JsonTokenType.StartObject => CheckObject(ref reader, shape),
        JsonTokenType.StartArray => CheckArray(ref reader, shape),
        _ => null,
    };

    private static string? CheckArray(ref Utf8JsonReader reader, JsonShape shape)
    {
        string? problem = null;
        while (problem is null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            problem = CheckValue(ref reader, shape.Element);
        }

        return problem;
    }

    private static string? CheckObject(ref Utf8JsonReader reader, JsonShape shape)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (CheckKey(ref reader, shape, seen, out var member) is { } problem)
            {
                return problem;
            }

            _ = reader.Read();
            if (CheckValue(ref reader, member) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }

    private static string? CheckKey(ref Utf8JsonReader reader, JsonShape shape, HashSet<string> seen, out JsonShape member)
    {
        member = JsonShape.Any;
        if (!TryText(ref reader, out var key))
        {
            return "has a key with half a surrogate pair in its body; correct it";
        }

        return !shape.TryMember(key, out member, out var exact)
            ? $"has the key {UntrustedText.Escape(key)} in its body, which engines read as {exact}; write {exact}"
            : !seen.Add(shape.Identity(key)) ? $"has the key {UntrustedText.Escape(key)} more than once in one object of its body; send it once"
            : null;
    }

    // Escaped halves of surrogate pairs: Go puts U+FFFD there, .NET has no text for them.
    private static bool TryText(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = reader.GetString();
            return text is not null;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }
}
