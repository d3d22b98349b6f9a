using System.Buffers;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// Reads a body of unknown honesty: never more than the limit and one byte. Large bodies go into one array of the announced length or of
/// the limit, which is the signed length: growing and pooled buffers would hold several times as much.
/// </summary>
internal static class BoundedBody
{
    private const int FirstBuffer = 16 * 1024;
    private const int LargestPooled = 1024 * 1024;

    /// <summary>The bytes, or null when there are more than <paramref name="maxBytes"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > maxBytes)
        {
            return null;
        }

        using var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        if (content.Headers.ContentLength is not { } announced)
        {
            return await ReadAsync(stream, maxBytes, cancellation).ConfigureAwait(false);
        }

        // The stream of an announced body ends at that length, or throws before.
        var body = new byte[announced];
        await stream.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
        return body;
    }

    /// <inheritdoc cref="ReadAsync(HttpContent, int, CancellationToken)"/>
    public static async Task<byte[]?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            for (var length = 0; ;)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
                length += read;
                if (length > maxBytes)
                {
                    return null;
                }

                if (read == 0)
                {
                    return buffer.AsSpan(0, length).ToArray();
                }

                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, maxBytes);
                }
            }
        }
        finally
        {
            Return(buffer);
        }
    }

    private static byte[] Grow(byte[] full, int maxBytes)
    {
        var larger = full.Length < LargestPooled ? ArrayPool<byte>.Shared.Rent(full.Length * 2) : new byte[Math.Max(maxBytes, full.Length) + 1];
        full.CopyTo(larger, 0);
        Return(full);
        return larger;
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
