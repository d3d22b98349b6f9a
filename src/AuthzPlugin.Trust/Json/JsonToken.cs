namespace AuthzPlugin.Trust.Json;

/// <summary>What a JSON value is.</summary>
internal enum JsonKind : byte
{
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// <summary>Facts about a token that canonical JSON needs.</summary>
[Flags]
internal enum JsonTokenFlags : byte
{
    None = 0,

    /// <summary>The name of a member, not a value.</summary>
    Name = 1,

    /// <summary>The text had escapes: its plain form is in the side buffer.</summary>
    Unescaped = 2,

    /// <summary>An object whose names are not in ascending order of their bytes.</summary>
    Unsorted = 4,
}

/// <summary>One value or member name in the flat index of a file; a container is followed by its contents.</summary>
internal struct JsonToken
{
    /// <summary>First byte in the file, or in the side buffer. Of a text: after the quotation mark.</summary>
    internal int Start;

    /// <summary>Bytes of the text, number, literal or whole container.</summary>
    internal int Length;

    /// <summary>Index of the first token that does not belong to this one.</summary>
    internal int Next;

    internal JsonKind Kind;
    internal JsonTokenFlags Flags;
}
