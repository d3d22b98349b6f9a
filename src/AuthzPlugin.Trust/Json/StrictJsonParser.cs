using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace AuthzPlugin.Trust.Json;

/// <summary>Builds the index of <see cref="StrictJson"/> in one pass of <see cref="Utf8JsonReader"/>.</summary>
internal sealed class StrictJsonParser
{
    /// <summary>2^53-1: beyond it the Notary client's float64 numbers lose digits.</summary>
    private const long MaxInteger = (1L << 53) - 1;

    private readonly ArraySegment<byte> _file;
    private readonly int _maxTokens;
    private readonly ArrayBufferWriter<byte> _unescaped = new();
    private readonly Dictionary<int, int[]> _order = [];
    private readonly int _maxDepth;
    private readonly Frame[] _open;
    private int _depth;
    private JsonToken[] _tokens;
    private int _count;

    internal StrictJsonParser(ArraySegment<byte> file, int maxDepth, int maxTokens)
    {
        _file = file;
        _maxDepth = maxDepth;
        _maxTokens = maxTokens;
        _open = new Frame[maxDepth];

        // About the density of targets metadata, so that large files need no second array.
        _tokens = GC.AllocateUninitializedArray<JsonToken>(Math.Clamp(file.Count / 10, 16, maxTokens));
    }

    internal StrictJson Parse()
    {
        if (!Utf8.IsValid(_file))
        {
            throw new FormatException("it is not UTF-8");
        }

        var reader = new Utf8JsonReader(_file, new JsonReaderOptions { MaxDepth = _maxDepth });
        try
        {
            while (reader.Read())
            {
                Add(ref reader);
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"it is not JSON nested at most {_maxDepth} deep (byte {reader.BytesConsumed})", e);
        }

        return new StrictJson(_file, _unescaped.WrittenSpan.ToArray(), _tokens, _order);
    }

    private void Add(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Open(JsonKind.Object, (int)reader.TokenStartIndex);
                break;
            case JsonTokenType.StartArray:
                Open(JsonKind.Array, (int)reader.TokenStartIndex);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                Close((int)reader.BytesConsumed);
                break;
            case JsonTokenType.PropertyName:
                AddName(ref reader);
                break;
            case JsonTokenType.String:
                AddText(ref reader, JsonTokenFlags.None);
                break;
            case JsonTokenType.Number:
                CheckInteger(reader.ValueSpan);
                AddLiteral(ref reader, JsonKind.Number);
                break;
            default:
                AddLiteral(ref reader, reader.TokenType switch
                {
                    JsonTokenType.True => JsonKind.True,
                    JsonTokenType.False => JsonKind.False,
                    _ => JsonKind.Null,
                });
                break;
        }
    }

    private void Open(JsonKind kind, int start)
    {
        _open[_depth++] = new Frame { Token = _count, LastName = -1 };
        Append(new JsonToken { Start = start, Kind = kind });
    }

    private void Close(int end)
    {
        ref readonly var frame = ref _open[--_depth];
        ref var token = ref _tokens[frame.Token];
        token.Length = end - token.Start;
        token.Next = _count;
        if (frame.Unsorted)
        {
            token.Flags |= JsonTokenFlags.Unsorted;
            _order[frame.Token] = SortNames(frame.Token);
        }
    }

    private void AddName(ref Utf8JsonReader reader)
    {
        var name = _count;
        AddText(ref reader, JsonTokenFlags.Name);
        ref var frame = ref _open[_depth - 1];
        var order = frame.LastName < 0 ? 1 : Bytes(name).SequenceCompareTo(Bytes(frame.LastName));
        ThrowIfDuplicate(order == 0);
        frame.LastName = name;
        frame.Unsorted |= order < 0;
    }

    private void AddText(ref Utf8JsonReader reader, JsonTokenFlags flags)
    {
        var start = (int)reader.TokenStartIndex + 1;
        var length = reader.ValueSpan.Length;
        if (reader.ValueIsEscaped)
        {
            start = _unescaped.WrittenCount;
            length = Unescape(ref reader);
            flags |= JsonTokenFlags.Unescaped;
        }

        Append(new JsonToken { Start = start, Length = length, Next = _count + 1, Kind = JsonKind.String, Flags = flags });
    }

    private int Unescape(ref Utf8JsonReader reader)
    {
        try
        {
            var written = reader.CopyString(_unescaped.GetSpan(reader.ValueSpan.Length));
            _unescaped.Advance(written);
            return written;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("a text has half of a surrogate pair", e);
        }
    }

    private void AddLiteral(ref Utf8JsonReader reader, JsonKind kind) =>
        Append(new JsonToken { Start = (int)reader.TokenStartIndex, Length = reader.ValueSpan.Length, Next = _count + 1, Kind = kind });

    private void Append(in JsonToken token)
    {
        if (_count == _maxTokens)
        {
            throw new FormatException($"it has more than {_maxTokens} values");
        }

        if (_count == _tokens.Length)
        {
            Array.Resize(ref _tokens, (int)Math.Min(_maxTokens, 2L * _count));
        }

        _tokens[_count++] = token;
    }

    private int[] SortNames(int container)
    {
        var names = new List<int>();
        for (var i = container + 1; i < _count; i = _tokens[i + 1].Next)
        {
            names.Add(i);
        }

        names.Sort((a, b) => Bytes(a).SequenceCompareTo(Bytes(b)));
        for (var i = 1; i < names.Count; i++)
        {
            ThrowIfDuplicate(Bytes(names[i]).SequenceEqual(Bytes(names[i - 1])));
        }

        return [.. names];
    }

    private ReadOnlySpan<byte> Bytes(int index)
    {
        ref readonly var token = ref _tokens[index];
        return (token.Flags & JsonTokenFlags.Unescaped) != 0
            ? _unescaped.WrittenSpan.Slice(token.Start, token.Length)
            : _file.AsSpan(token.Start, token.Length);
    }

    private static void CheckInteger(ReadOnlySpan<byte> text)
    {
        var isInteger = Utf8Parser.TryParse(text, out long value, out var consumed)
            && consumed == text.Length
            && value is >= -MaxInteger and <= MaxInteger
            && (value != 0 || text.Length == 1);
        if (!isInteger)
        {
            throw new FormatException("a number is not an integer of at most 2^53-1");
        }
    }

    private static void ThrowIfDuplicate(bool duplicate)
    {
        if (duplicate)
        {
            throw new FormatException("a name stands twice in one object");
        }
    }

    /// <summary>An object or array that is still open: its token, the last name in it, and whether a name was out of order.</summary>
    private struct Frame
    {
        internal int Token;
        internal int LastName;
        internal bool Unsorted;
    }
}
