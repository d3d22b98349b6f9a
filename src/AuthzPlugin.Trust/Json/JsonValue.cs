using System.Buffers.Text;
using System.Text;

namespace AuthzPlugin.Trust.Json;

/// <summary>
/// A value inside a <see cref="StrictJson"/>. Names are compared exactly (the Go client folds case; nothing here does).
/// Every accessor throws <see cref="FormatException"/> when the value is of another kind.
/// </summary>
internal readonly struct JsonValue
{
    private readonly StrictJson _json;
    private readonly int _index;

    internal JsonValue(StrictJson json, int index)
    {
        _json = json;
        _index = index;
    }

    internal JsonKind Kind => _json.Token(_index).Kind;

    internal bool IsNull => Kind == JsonKind.Null;

    internal StrictJson Json => _json;

    internal int Index => _index;

    /// <summary>The plain bytes of a text.</summary>
    internal ReadOnlySpan<byte> Utf8
    {
        get
        {
            Require(JsonKind.String, "a text");
            return _json.Bytes(_index);
        }
    }

    /// <summary>Whether the file spells the text with escapes.</summary>
    internal bool HasEscapes => (_json.Token(_index).Flags & JsonTokenFlags.Unescaped) != 0;

    internal string GetString() => Encoding.UTF8.GetString(Utf8);

    internal long GetInt64()
    {
        Require(JsonKind.Number, "an integer");
        return Utf8Parser.TryParse(_json.Bytes(_index), out long value, out _)
            ? value
            : throw new FormatException("a number of it is not an integer");
    }

    /// <summary>A member that must be there.</summary>
    internal JsonValue Get(string name) => Get(Encoding.UTF8.GetBytes(name));

    /// <summary>The same by the bytes of its name, for what is read tens of thousands of times.</summary>
    internal JsonValue Get(ReadOnlySpan<byte> name) =>
        Find(name) ?? throw new FormatException($"it has no {Encoding.UTF8.GetString(name)}");

    /// <summary>A member; null when it is missing or null, as the Go client reads maps and lists.</summary>
    internal JsonValue? FindNotNull(string name) => FindNotNull(Encoding.UTF8.GetBytes(name));

    /// <summary>The same by the bytes of its name.</summary>
    internal JsonValue? FindNotNull(ReadOnlySpan<byte> name) => Find(name) is { IsNull: false } value ? value : null;

    internal JsonMembers Members()
    {
        Require(JsonKind.Object, "an object");
        return new JsonMembers(_json, _index);
    }

    /// <summary>The members in ascending order of the bytes of their names.</summary>
    internal JsonSortedMembers SortedMembers()
    {
        Require(JsonKind.Object, "an object");
        return new JsonSortedMembers(_json, _index);
    }

    internal JsonItems Items()
    {
        Require(JsonKind.Array, "a list");
        return new JsonItems(_json, _index);
    }

    private JsonValue? Find(ReadOnlySpan<byte> name)
    {
        foreach (var (text, value) in Members())
        {
            if (text.Utf8.SequenceEqual(name))
            {
                return value;
            }
        }

        return null;
    }

    private void Require(JsonKind kind, string what)
    {
        if (Kind != kind)
        {
            throw new FormatException($"a value of it is not {what}");
        }
    }
}
