using System.Collections;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>One header field, name and value as they were sent; the value without the white space around it, each char one byte (Latin-1).</summary>
public sealed record HeaderField(string Name, string Value);

/// <summary>The header fields of a head, in their order. Immutable; names are compared without case.</summary>
public sealed class HeaderFields(IReadOnlyList<HeaderField> fields) : IReadOnlyList<HeaderField>
{
    public static readonly HeaderFields Empty = new([]);

    public int Count => fields.Count;

    public HeaderField this[int index] => fields[index];

    /// <summary>The first value of that name, or null.</summary>
    public string? this[string name] => fields.FirstOrDefault(f => Is(f, name))?.Value;

    public int CountOf(string name) => fields.Count(f => Is(f, name));

    /// <summary>Whether a comma-separated list of that name has this word, in any of its fields.</summary>
    public bool HasToken(string name, string token) =>
        fields.Any(f => Is(f, name) && f.Value.Split(',').Any(w => w.AsSpan().Trim(" \t").Equals(token, StringComparison.OrdinalIgnoreCase)));

    public HeaderFields Without(params string[] names) => new([.. fields.Where(f => !names.Any(n => Is(f, n)))]);

    /// <summary>With this one field of that name, at the end.</summary>
    public HeaderFields With(string name, string value) => new([.. fields.Where(f => !Is(f, name)), new HeaderField(name, value)]);

    public IEnumerator<HeaderField> GetEnumerator() => fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Is(HeaderField field, string name) => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase);
}
