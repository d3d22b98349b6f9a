using System.Buffers.Binary;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>Reads the structures of TLS (RFC 8446 3): numbers in big-endian order, lists with their length before them.</summary>
internal ref struct TlsReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool IsEmpty => _rest.IsEmpty;

    /// <exception cref="FormatException">Fewer bytes are left.</exception>
    internal ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw new FormatException("a structure ends too early");
        }

        var result = _rest[..count];
        _rest = _rest[count..];
        return result;
    }

    internal byte Byte() => Take(1)[0];

    internal ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A list whose length has two bytes.</summary>
    internal ReadOnlySpan<byte> List() => Take(BinaryPrimitives.ReadUInt16BigEndian(Take(2)));
}
