namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>Reads blocks and contents of an archive from a stream, in constant memory.</summary>
internal sealed class TarReader(Stream source)
{
    private readonly byte[] _block = new byte[TarHeader.BlockSize];

    /// <summary>The next block; valid until the next call. Empty at the end of the stream.</summary>
    /// <exception cref="ContextException">The stream ends inside a block.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> BlockAsync(CancellationToken cancellation)
    {
        var read = await source.ReadAtLeastAsync(_block, _block.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return read == 0 || read == _block.Length ? _block.AsMemory(0, read) : throw Truncated();
    }

    /// <summary>A content with its padding, whole.</summary>
    /// <exception cref="ContextException">The stream ends before it does.</exception>
    public async ValueTask<byte[]> ContentAsync(int size, CancellationToken cancellation)
    {
        var content = new byte[TarHeader.Padded(size)];
        var read = await source.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return read == content.Length ? content : throw Truncated();
    }

    /// <summary>A piece of a content that is passed on.</summary>
    /// <exception cref="ContextException">The stream ends before it does.</exception>
    public async ValueTask<int> PieceAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        return read > 0 ? read : throw Truncated();
    }

    /// <summary>Reads what clients send after the end of the archive, at most so much: it goes nowhere.</summary>
    public async ValueTask DrainAsync(int limit, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        for (var left = limit; left > 0;)
        {
            var read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            left -= read;
        }
    }

    private static ContextException Truncated() => new("ends in the middle of an entry");
}
