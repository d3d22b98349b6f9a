namespace AuthzPlugin.Gate.Proxy;

/// <summary>The content of a message's body, forward only and asynchronous only. Its first read may have something to do first.</summary>
/// <param name="beforeFirstRead">Such as telling a client that waits that it may send; null for nothing.</param>
internal sealed class BodyStream(MessageBody body, Func<CancellationToken, ValueTask>? beforeFirstRead) : ForwardStream
{
    private Func<CancellationToken, ValueTask>? _before = beforeFirstRead;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_before is { } before && !body.IsDone)
        {
            _before = null;
            await before(cancellationToken).ConfigureAwait(false);
        }

        return await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }
}
