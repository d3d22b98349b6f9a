using System.Text;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// One header block of a tar archive. It is passed on as it is, so only what every reader takes alike is accepted: what the engine's
/// reader (Go's archive/tar) tolerates beyond that, or reads by heuristics, is refused. Texts hold one byte in each character.
/// </summary>
internal sealed class TarHeader
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockSize = 512;

    private const int NameLength = 100;
    private const int SizeAt = 124;
    private const int SizeLength = 12;
    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;
    private const int TypeAt = 156;
    private const int LinkAt = 157;
    private const int MagicAt = 257;
    private const int PrefixAt = 345;
    private const int PrefixLength = 155;
    private const int GnuTimeLength = 12;
    private const int TrailerAt = 508;

    private readonly byte[] _block;

    private TarHeader(byte[] block) => _block = block;

    public char Type => (char)_block[TypeAt];

    /// <summary>With the prefix of the ustar format; a PAX or GNU header before it may override it.</summary>
    public string Name
    {
        get
        {
            var name = Text(0, NameLength);
            var prefix = HasMagic("ustar\0"u8) ? Text(PrefixAt, PrefixLength) : "";
            return prefix.Length == 0 ? name : $"{prefix}/{name}";
        }
    }

    public string Link => Text(LinkAt, NameLength);

    /// <summary>Bytes of content that follow, without the padding.</summary>
    public long Size { get; private init; }

    public ReadOnlyMemory<byte> Block => _block;

    /// <summary>How many bytes a content of this size takes with its padding.</summary>
    public static long Padded(long size) => checked((size + BlockSize - 1) / BlockSize * BlockSize);

    /// <exception cref="ContextException">It is no header, or one that readers take differently.</exception>
    public static TarHeader Read(ReadOnlySpan<byte> block)
    {
        var header = new TarHeader(block.ToArray()) { Size = ReadSize(block) };
        if (Octal(block.Slice(ChecksumAt, ChecksumLength)) != Checksum(block))
        {
            throw new ContextException("is not a tar archive, or is damaged (a header's checksum is wrong)");
        }

        if (header.HasMagic("ustar\0"u8) && block[TrailerAt..].SequenceEqual("tar\0"u8))
        {
            throw new ContextException("is in the star format, which readers take differently; write it with GNU tar or bsdtar");
        }

        // With times that are no numbers the engine's reader takes this place for a name prefix.
        if (header.HasMagic("ustar  \0"u8) && !(IsTime(block.Slice(PrefixAt, GnuTimeLength)) && IsTime(block.Slice(PrefixAt + GnuTimeLength, GnuTimeLength))))
        {
            throw new ContextException("has a GNU header whose times are no numbers, which readers take differently");
        }

        return header;
    }

    /// <summary>The same header for a content of another size.</summary>
    public TarHeader WithSize(int size)
    {
        var block = _block.AsSpan().ToArray();
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(SizeLength - 1, '0') + "\0").CopyTo(block, SizeAt);
        Encoding.ASCII.GetBytes(Convert.ToString(Checksum(block), 8).PadLeft(6, '0') + "\0 ").CopyTo(block, ChecksumAt);
        return new TarHeader(block) { Size = size };
    }

    private static long ReadSize(ReadOnlySpan<byte> block)
    {
        var field = block.Slice(SizeAt, SizeLength);
        if ((field[0] & 0x80) == 0)
        {
            return Octal(field);
        }

        // Base 256: the first bit marks it, the second would be the sign. Nine zero bytes leave what fits into 56 bits.
        if (field[0] != 0x80 || field[1..5].ContainsAnyExcept((byte)0))
        {
            throw new ContextException("has an entry with a size that is negative or absurd");
        }

        var size = 0L;
        foreach (var b in field[5..])
        {
            size = (size << 8) | b;
        }

        return size;
    }

    /// <summary>Octal digits, perhaps spaces before, spaces or zero bytes after; nothing is zero.</summary>
    private static long Octal(ReadOnlySpan<byte> field)
    {
        var digits = field.TrimStart((byte)' ').TrimEnd(" \0"u8);
        var value = 0L;
        foreach (var digit in digits)
        {
            value = digit is >= (byte)'0' and <= (byte)'7'
                ? (value << 3) | (uint)(digit - '0')
                : throw new ContextException("is not a tar archive, or is damaged (a number in a header is none)");
        }

        return value;
    }

    private static int Checksum(ReadOnlySpan<byte> block)
    {
        var sum = ChecksumLength * ' ';
        for (var i = 0; i < BlockSize; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? 0 : block[i];
        }

        return sum;
    }

    private static bool IsTime(ReadOnlySpan<byte> field) =>
        field[0] == 0 || !field.TrimStart((byte)' ').TrimEnd(" \0"u8).ContainsAnyExceptInRange((byte)'0', (byte)'7');

    private bool HasMagic(ReadOnlySpan<byte> magic) => _block.AsSpan(MagicAt).StartsWith(magic);

    private string Text(int start, int length)
    {
        var field = _block.AsSpan(start, length);
        var end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }
}
