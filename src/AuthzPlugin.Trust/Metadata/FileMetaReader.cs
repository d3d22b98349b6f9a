using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>Reads length and hashes of files and tags. Hashes are base64 here, unlike in TUF.</summary>
internal static class FileMetaReader
{
    private const int Sha512Size = 64;

    internal static FileMeta Read(JsonValue value)
    {
        var length = ReadLength(value, out var hashes);
        return new FileMeta(length, TryReadSha256(hashes, out var sha256) ? sha256 : null, ReadSha512(hashes));
    }

    /// <summary>Only what a tag needs. False: it lacks the sha256, and then nothing can match it.</summary>
    internal static bool TryReadTag(JsonValue value, out Sha256Hash sha256)
    {
        ReadLength(value, out var hashes);
        return TryReadSha256(hashes, out sha256);
    }

    private static long ReadLength(JsonValue value, out JsonValue? hashes)
    {
        var length = value.Get("length"u8).GetInt64();
        hashes = value.FindNotNull("hashes"u8);
        return length >= 0 ? length : throw new FormatException("a length is negative");
    }

    private static bool TryReadSha256(JsonValue? hashes, out Sha256Hash sha256)
    {
        if (hashes?.FindNotNull("sha256"u8) is not { } text)
        {
            sha256 = default;
            return false;
        }

        Span<byte> value = stackalloc byte[Sha256Hash.Size];
        Decode(text, value);
        sha256 = new Sha256Hash(value);
        return true;
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
