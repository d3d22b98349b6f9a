using System.Buffers.Binary;
using System.Security.Cryptography;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>The 32 bytes of a SHA-256 value, held without an allocation: large repositories keep one for each tag.</summary>
public readonly record struct Sha256Hash
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Sha256Hash(ReadOnlySpan<byte> value)
    {
        if (value.Length != Size)
        {
            throw new ArgumentException("a sha256 value has 32 bytes", nameof(value));
        }

        _high = BinaryPrimitives.ReadUInt128BigEndian(value);
        _low = BinaryPrimitives.ReadUInt128BigEndian(value[16..]);
    }

    /// <summary>The last 32 bits: of an honest hash, as good as random.</summary>
    internal uint LowBits => unchecked((uint)_low);

    /// <summary>Hashes the bytes.</summary>
    public static Sha256Hash Of(ReadOnlySpan<byte> data)
    {
        Span<byte> value = stackalloc byte[Size];
        SHA256.HashData(data, value);
        return new Sha256Hash(value);
    }

    /// <summary>The hash that a digest names.</summary>
    public static Sha256Hash Of(Digest digest) => new(Convert.FromHexString(digest.Hex));

    /// <summary>As a content digest.</summary>
    public Digest ToDigest()
    {
        Span<byte> value = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(value, _high);
        BinaryPrimitives.WriteUInt128BigEndian(value[16..], _low);
        return Digest.FromHash(value);
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => ToDigest().Hex;
}
