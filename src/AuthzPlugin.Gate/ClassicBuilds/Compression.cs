using System.IO.Compression;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// How a context is compressed, told as the engine tells it: by its first bytes. What is forwarded is never compressed, so that the
/// engine unpacks what was looked at.
/// </summary>
internal static class Compression
{
    /// <summary>Bytes that are needed to tell.</summary>
    public const int PeekLength = 6;

    /// <summary>The plain context, over a stream whose first bytes are <paramref name="start"/>.</summary>
    /// <exception cref="ContextException">It is compressed in a way that cannot be undone here.</exception>
    public static Stream Undo(ReadOnlySpan<byte> start, Stream whole) =>
        NameOf(start) switch
        {
            null => whole,
            "gzip" => new GZipStream(whole, CompressionMode.Decompress),
            var name => throw new ContextException($"is compressed with {name}, which this gate does not read; send it plain or with gzip"),
        };

    /// <summary>Null when the engine would take it for a plain archive.</summary>
    public static string? NameOf(ReadOnlySpan<byte> start) => start switch
    {
        [0x1F, 0x8B, 0x08, ..] => "gzip",
        [0x42, 0x5A, 0x68, ..] => "bzip2",
        [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, ..] => "xz",
        [0x28, 0xB5, 0x2F, 0xFD, ..] or [>= 0x50 and <= 0x5F, 0x2A, 0x4D, 0x18, ..] => "zstd",
        _ => null,
    };
}
