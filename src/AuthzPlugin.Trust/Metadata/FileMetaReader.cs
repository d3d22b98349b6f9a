using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>Reads length and hashes of files and tags. Hashes are base64 here, unlike in TUF.</summary>
internal static class FileMetaReader
{
    private const int Sha512Size = 64;

    internal static FileMeta Read(JsonValue value)
    {
        var (length, hashes) = ReadLength(value);
        return new FileMeta(length, ReadSha256(hashes), ReadSha512(hashes));
    }

    /// <summary>Only what a tag needs: a tag may lack the sha256, and then nothing can match it.</summary>
    internal static Sha256Hash? ReadTag(JsonValue value)
    {
        var (_, hashes) = ReadLength(value);
        return ReadSha256(hashes);
    }

    private static (long Length, JsonValue? Hashes) ReadLength(JsonValue value)
    {
        var length = value.Get("length"u8).GetInt64();
        return length >= 0 ? (length, value.FindNotNull("hashes"u8)) : throw new FormatException("a length is negative");
    }

    private static Sha256Hash? ReadSha256(JsonValue? hashes)
    {
        if (hashes?.FindNotNull("sha256"u8) is not { } text)
        {
            return null;
        }

        Span<byte> value = stackalloc byte[Sha256Hash.Size];
        Decode(text, value);
        return new Sha256Hash(value);
    }

    private static ReadOnlyMemory<byte> ReadSha512(JsonValue? hashes)
    {
        if (hashes?.FindNotNull("sha512"u8) is not { } text)
        {
            return default;
        }

        var value = new byte[Sha512Size];
        Decode(text, value);
        return value;
    }

    private static void Decode(JsonValue text, Span<byte> value)
    {
        if (StrictBase64.Decode(text.Utf8, value) != value.Length)
        {
            throw new FormatException("a hash is too short");
        }
    }
}
