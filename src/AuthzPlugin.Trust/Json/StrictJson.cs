using System.Runtime.InteropServices;

namespace AuthzPlugin.Trust.Json;

/// <summary>
/// A JSON file read strictly and kept as a flat index over its bytes: 16 bytes for each value, no object for each.
/// Refused beyond RFC 8259: duplicate names (of their unescaped form, in every object), invalid UTF-8, lone surrogates,
/// a byte order mark, comments, trailing commas and data, numbers that are not integers of at most 2^53-1
/// (canonical JSON has no others), and whatever exceeds the limits given.
/// </summary>
internal sealed class StrictJson
{
    private readonly ArraySegment<byte> _file;
    private readonly ArraySegment<byte> _unescaped;
    private readonly JsonToken[] _tokens;
    private readonly Dictionary<int, int[]> _order;

    internal StrictJson(ArraySegment<byte> file, ArraySegment<byte> unescaped, JsonToken[] tokens, Dictionary<int, int[]> order)
    {
        _file = file;
        _unescaped = unescaped;
        _tokens = tokens;
        _order = order;
    }

    internal JsonValue Root => new(this, 0);

    /// <exception cref="FormatException">The bytes break one of the rules above.</exception>
    internal static StrictJson Parse(ReadOnlyMemory<byte> file, int maxDepth, int maxTokens) =>
        new StrictJsonParser(AsArray(file), maxDepth, maxTokens).Parse();

    internal ref readonly JsonToken Token(int index) => ref _tokens[index];

    /// <summary>The plain bytes of a text or name, or the raw bytes of anything else.</summary>
    internal ReadOnlySpan<byte> Bytes(int index)
    {
        ref readonly var token = ref _tokens[index];
        var source = (token.Flags & JsonTokenFlags.Unescaped) != 0 ? _unescaped : _file;
        return source.AsSpan(token.Start, token.Length);
    }

    internal ReadOnlyMemory<byte> Raw(int index) => _file.AsMemory(_tokens[index].Start, _tokens[index].Length);

    /// <summary>
    /// Names of an unsorted object, as token indices in ascending order of their bytes; null when the file has them in that order.
    /// </summary>
    internal int[]? SortedNames(int index) => _order.GetValueOrDefault(index);

    /// <summary>The array behind the memory: much quicker to take a part of, and that is done for every value.</summary>
    private static ArraySegment<byte> AsArray(ReadOnlyMemory<byte> file) => MemoryMarshal.TryGetArray(file, out var array) ? array : file.ToArray();
}
