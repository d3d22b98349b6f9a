using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Http2;

/// <summary>
/// Reads header blocks (RFC 7541). One for each direction of a connection, for blocks teach it what later ones refer to. Bounded by
/// <see cref="Http2Limits.HeaderBlock"/>: numbers into the table make a small block stand for a large list.
/// </summary>
internal sealed class HpackDecoder
{
    // What SETTINGS_HEADER_TABLE_SIZE is when nobody says otherwise, and we never do.
    private const int TableBytes = 4096;
    private const int EntryOverhead = 32;

    private readonly List<HeaderField> _dynamic = [];
    private int _dynamicBytes;
    private int _dynamicLimit = TableBytes;

    /// <exception cref="Http2Exception">Not a header block, or too large; the connection cannot go on.</exception>
    public List<HeaderField> Decode(ReadOnlySpan<byte> block)
    {
        var fields = new List<HeaderField>();
        var bytes = 0;
        while (!block.IsEmpty)
        {
            if (ReadField(ref block) is { } field)
            {
                fields.Add(field);
                bytes += Size(field);
                if (bytes > Http2Limits.HeaderBlock)
                {
                    throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "the header list is too long");
                }
            }
            else if (fields.Count > 0)
            {
                throw Bad("a table size inside a header block");
            }
        }

        return fields;
    }

    // Null: the instruction was about the table.
    private HeaderField? ReadField(ref ReadOnlySpan<byte> block)
    {
        var first = block[0];
        if ((first & 0x80) != 0)
        {
            return Field(ReadInteger(ref block, 7));
        }

        if ((first & 0xe0) == 0x20)
        {
            Resize(ReadInteger(ref block, 5));
            return null;
        }

        var remembered = (first & 0x40) != 0;
        var index = ReadInteger(ref block, remembered ? 6 : 4);
        var name = index == 0 ? ReadText(ref block) : Field(index).Name;
        var field = new HeaderField(name, ReadText(ref block));
        if (remembered)
        {
            Remember(field);
        }

        return field;
    }

    private HeaderField Field(int index)
    {
        var known = HpackStaticTable.Fields;
        return index switch
        {
            0 => throw Bad("field zero"),
            _ when index <= known.Count => known[index - 1],
            // The newest entry has the lowest number.
            _ when index - known.Count <= _dynamic.Count => _dynamic[^(index - known.Count)],
            _ => throw Bad("a field that is not in the table"),
        };
    }

    private void Remember(HeaderField field)
    {
        _dynamic.Add(field);
        _dynamicBytes += Size(field);
        Evict();
    }

    private void Resize(int bytes)
    {
        if (bytes > TableBytes)
        {
            throw Bad("a table larger than agreed");
        }

        _dynamicLimit = bytes;
        Evict();
    }

    private void Evict()
    {
        var gone = 0;
        while (_dynamicBytes > _dynamicLimit)
        {
            _dynamicBytes -= Size(_dynamic[gone++]);
        }

        _dynamic.RemoveRange(0, gone);
    }

    private static int Size(HeaderField field) => field.Name.Length + field.Value.Length + EntryOverhead;

    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefix)
    {
        var mask = (1 << prefix) - 1;
        var value = Next(ref block) & mask;
        if (value < mask)
        {
            return value;
        }

        for (var shift = 0; shift <= 21; shift += 7)
        {
            var part = Next(ref block);
            value += (part & 0x7f) << shift;
            if ((part & 0x80) == 0)
            {
                return value;
            }
        }

        throw Bad("a number that is too large");
    }

    private static string ReadText(ref ReadOnlySpan<byte> block)
    {
        var coded = !block.IsEmpty && (block[0] & 0x80) != 0;
        var length = ReadInteger(ref block, 7);
        if (length > block.Length)
        {
            throw Bad("text that ends early");
        }

        var text = block[..length];
        block = block[length..];
        if (!coded)
        {
            return Encoding.Latin1.GetString(text);
        }

        // The shortest code has five bits.
        var plain = new byte[text.Length * 8 / 5];
        return HuffmanCode.TryDecode(text, plain, out var written)
            ? Encoding.Latin1.GetString(plain.AsSpan(0, written))
            : throw Bad("a bad Huffman code");
    }

    private static byte Next(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            throw Bad("an instruction that ends early");
        }

        var next = block[0];
        block = block[1..];
        return next;
    }

    private static Http2Exception Bad(string what) => new(Http2ErrorCode.CompressionError, $"the header block has {what}");
}
