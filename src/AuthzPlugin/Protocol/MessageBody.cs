using System.Buffers;

namespace AuthzPlugin.Protocol;

/// <summary>Reads the body of a message within a bound, or drains it in constant memory.</summary>
internal static class MessageBody
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>
    /// The whole body, or null when it is larger than <paramref name="maxBytes"/> (it is drained then). After every chunk
    /// <paramref name="isEnough"/> may end the reading: the rest is drained, and null is returned.
    /// </summary>
    public static async Task<byte[]?> ReadAsync(
        Stream body, int maxBytes, Func<ReadOnlyMemory<byte>, bool>? isEnough, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(chunk, cancellation).ConfigureAwait(false)) > 0)
            {
                content.Write(chunk, 0, read);
                var tooLarge = content.Length > maxBytes;
                if (tooLarge || isEnough?.Invoke(content.GetBuffer().AsMemory(0, (int)content.Length)) == true)
                {
                    await DrainAsync(body, chunk, cancellation).ConfigureAwait(false);
                    return null;
                }
            }

            return content.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static async Task DrainAsync(Stream body, byte[] chunk, CancellationToken cancellation)
    {
        while (await body.ReadAsync(chunk, cancellation).ConfigureAwait(false) > 0)
        {
            // Nothing of it is needed.
        }
    }
}
