using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Into what Go decodes a JSON value, as far as object keys are concerned (rule R6). In a struct Go finds a field by any
/// spelling and the last one wins; in a map keys are what they are. So structs refuse look-alikes, maps only equal keys.
/// </summary>
internal sealed class JsonShape
{
    private readonly FrozenDictionary<string, (string Name, JsonShape Shape)>? _fields;
    private readonly JsonShape? _element;

    private JsonShape(FrozenDictionary<string, (string, JsonShape)>? fields, JsonShape? element) => (_fields, _element) = (fields, element);

    /// <summary>A map, a scalar, or something that no decision reads: only equal keys are refused, at every depth.</summary>
    public static JsonShape Any { get; } = new(null, null);

    /// <summary>Whether it is a struct, whose fields Go finds by any spelling.</summary>
    public bool HasFields => _fields is not null;

    /// <summary>The shape of the items of an array, or of the values of a map.</summary>
    public JsonShape Element => _element ?? Any;

    /// <summary>A struct with these fields. Keys that are no field are passed over, as Go does.</summary>
    public static JsonShape Struct(params IEnumerable<(string Name, JsonShape Shape)> fields) =>
        new(fields.ToFrozenDictionary(f => Fold(f.Name), StringComparer.Ordinal), null);

    public static JsonShape ListOf(JsonShape item) => new(null, item);

    public static JsonShape MapOf(JsonShape value) => new(null, value);

    /// <summary>
    /// What makes two keys one: in a struct Go's folding (ASCII letters, U+017F as s, U+212A as k), elsewhere the key itself.
    /// </summary>
    public string Identity(string key) => _fields is null ? key : Fold(key);

    /// <summary>The shape of a member; false when the key is another spelling of the field <paramref name="exact"/>.</summary>
    public bool TryMember(string key, out JsonShape shape, [NotNullWhen(false)] out string? exact)
    {
        exact = null;
        shape = Element;
        if (_fields is null || !_fields.TryGetValue(Fold(key), out var field))
        {
            return true;
        }

        shape = field.Shape;
        exact = field.Name == key ? null : field.Name;
        return exact is null;
    }

    private static string Fold(string key) => string.Create(key.Length, key, static (folded, source) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            folded[i] = source[i] switch
            {
                >= 'A' and <= 'Z' => (char)(source[i] | 0x20),
                '\u017F' => 's', // LATIN SMALL LETTER LONG S
                '\u212A' => 'k', // KELVIN SIGN
                _ => source[i],
            };
        }
    });
}
