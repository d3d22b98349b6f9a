namespace AuthzPlugin.Gate.Pulls;

/// <summary>A stream of the pieces that an iterator makes, one read for each as long as they fit. Asynchronous and forward only.</summary>
internal sealed class PiecesStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : Stream
{
    private IAsyncEnumerator<ReadOnlyMemory<byte>>? _iterator;
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _iterator ??= pieces.GetAsyncEnumerator(cancellationToken);
        while (_rest.IsEmpty)
        {
            if (!await _iterator.MoveNextAsync().ConfigureAwait(false))
            {
                return 0;
            }

            _rest = _iterator.Current;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        if (_iterator is not null)
        {
            await _iterator.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
