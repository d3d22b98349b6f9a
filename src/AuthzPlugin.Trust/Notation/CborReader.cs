using System.Buffers.Binary;
using System.Text;

namespace AuthzPlugin.Trust.Notation;

/// <summary>The major types of RFC 8949 3.1 that a signature envelope has.</summary>
internal enum CborType
{
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
    Array = 4,
    Map = 5,
    Tag = 6,
    Simple = 7,
}

/// <summary>
/// Reads CBOR (RFC 8949) strictly: lengths are definite and, as numbers, in their shortest form (4.2.1); text is UTF-8; nothing nests deeper
/// than <see cref="MaxDepth"/>. It never reads beyond its bytes, and copies none. Keys of maps are compared by who reads them.
/// </summary>
internal sealed class CborReader(ReadOnlyMemory<byte> bytes)
{
    private const int MaxDepth = 16;
    private const int NullValue = 22;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private int _position;

    public int Position => _position;

    public bool IsAtEnd => _position == bytes.Length;

    public CborType Peek() => _position < bytes.Length ? (CborType)(bytes.Span[_position] >> 5) : throw Cut();

    /// <exception cref="FormatException">There is something else.</exception>
    public void ReadTag(ulong tag)
    {
        if (ReadHead(CborType.Tag) != tag)
        {
            throw new FormatException("it has another CBOR tag than it should");
        }
    }

    /// <summary>Number of the items that follow.</summary>
    public int ReadArray() => ReadCount(CborType.Array);

    /// <summary>Number of the pairs that follow.</summary>
    public int ReadMap() => ReadCount(CborType.Map);

    public ReadOnlyMemory<byte> ReadBytes() => ReadString(CborType.Bytes);

    public string ReadText()
    {
        try
        {
            return StrictUtf8.GetString(ReadString(CborType.Text).Span);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("a text of it is not UTF-8", e);
        }
    }

    public long ReadInteger()
    {
        var type = Peek();
        var value = ReadHead(type is CborType.Negative ? type : CborType.Unsigned);
        if (value > long.MaxValue)
        {
            throw new FormatException("a number of it is too large");
        }

        return type == CborType.Negative ? -1 - (long)value : (long)value;
    }

    /// <summary>Reads over a value of any type.</summary>
    public void Skip() => Skip(0);

    private void Skip(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException("it is nested too deeply");
        }

        var type = Peek();
        switch (type)
        {
            case CborType.Bytes or CborType.Text:
                ReadString(type);
                break;
            case CborType.Array or CborType.Map:
                for (var left = ReadCount(type) * (type == CborType.Map ? 2L : 1L); left > 0; left--)
                {
                    Skip(depth + 1);
                }

                break;
            case CborType.Tag:
                ReadHead(type);
                Skip(depth + 1);
                break;
            case CborType.Simple:
                SkipSimple();
                break;
            default:
                ReadHead(type);
                break;
        }
    }

    private void SkipSimple()
    {
        var info = Next() & 0x1f;
        _ = info switch
        {
            >= 20 and <= NullValue => 0,
            25 => Take(2).Length,
            26 => Take(4).Length,
            27 => Take(8).Length,
            _ => throw new FormatException("it has a simple CBOR value that is not known"),
        };
    }

    // Every item has at least one byte, so a count beyond what is left is a lie that must not cost memory.
    private int ReadCount(CborType type)
    {
        var count = ReadHead(type);
        return count <= (ulong)(bytes.Length - _position) ? (int)count : throw Cut();
    }

    private ReadOnlyMemory<byte> ReadString(CborType type)
    {
        var length = ReadHead(type);
        return length <= (ulong)(bytes.Length - _position) ? Take((int)length) : throw Cut();
    }

    private ulong ReadHead(CborType type)
    {
        var first = Next();
        if (first >> 5 != (int)type)
        {
            throw new FormatException("a CBOR value of it is of another type than it should be");
        }

        var (value, least) = (first & 0x1f) switch
        {
            < 24 and var small => ((ulong)small, 0UL),
            24 => (Next(), 24UL),
            25 => (BinaryPrimitives.ReadUInt16BigEndian(Take(2).Span), 0x100UL),
            26 => (BinaryPrimitives.ReadUInt32BigEndian(Take(4).Span), 0x1_0000UL),
            27 => (BinaryPrimitives.ReadUInt64BigEndian(Take(8).Span), 0x1_0000_0000UL),
            _ => throw new FormatException("a CBOR value of it has no definite length"),
        };
        return value >= least ? value : throw new FormatException("a CBOR number of it is not in its shortest form");
    }

    private byte Next() => Take(1).Span[0];

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (count > bytes.Length - _position)
        {
            throw Cut();
        }

        _position += count;
        return bytes.Slice(_position - count, count);
    }

    private static FormatException Cut() => new("it ends too early");
}
