namespace AuthzPlugin.Gate.Proxy;

/// <summary>The content of a message's body, forward only and asynchronous only. Its first read may have something to do first.</summary>
/// <param name="beforeFirstRead">Such as telling a client that waits that it may send; null for nothing.</param>
internal sealed class BodyStream(MessageBody body, Func<CancellationToken, ValueTask>? beforeFirstRead) : Stream
{
    private Func<CancellationToken, ValueTask>? _before = beforeFirstRead;

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
        if (_before is { } before && !body.IsDone)
        {
            _before = null;
            await before(cancellationToken).ConfigureAwait(false);
        }

        return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
