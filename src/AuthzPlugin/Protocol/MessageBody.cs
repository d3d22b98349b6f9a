using System.Buffers;

namespace AuthzPlugin.Protocol;

/// <summary>Reads the body of a message within a bound, or drains it in constant memory.</summary>
internal static class MessageBody
{
    /// <summary>Room at the beginning: most messages have some hundred bytes.</summary>
    private const int FirstBytes = 4 * 1024;

    /// <summary>
    /// The whole body, or null when it is larger than <paramref name="maxBytes"/> (it is drained then). After every chunk
    /// <paramref name="isEnough"/> may end the reading: the rest is drained, and null is returned.
    /// </summary>
    public static async ValueTask<PooledBytes?> ReadAsync(
        Stream body, int maxBytes, Func<ReadOnlyMemory<byte>, bool>? isEnough, CancellationToken cancellation)
    {
        var content = ArrayPool<byte>.Shared.Rent(FirstBytes);
        var length = 0;
        var kept = false;
        try
        {
            int read;
            while ((read = await body.ReadAsync(content.AsMemory(length), cancellation).ConfigureAwait(false)) > 0)
            {
                length += read;
                if (length > maxBytes || isEnough?.Invoke(content.AsMemory(0, length)) == true)
                {
                    // Kestrel hands its own buffers on, so nothing is copied.
                    await body.CopyToAsync(Stream.Null, cancellation).ConfigureAwait(false);
                    return null;
                }

                content = length < content.Length ? content : Grow(content, length);
            }

            kept = true;
            return new PooledBytes(content, length);
        }
        finally
        {
            if (!kept)
            {
                ArrayPool<byte>.Shared.Return(content);
            }
        }
    }

    private static byte[] Grow(byte[] full, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(2 * full.Length));
        full.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
