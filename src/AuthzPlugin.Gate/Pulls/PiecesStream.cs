using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Pulls;

/// <summary>A stream of the pieces that an iterator makes, one read for each as long as they fit. Asynchronous and forward only.</summary>
internal sealed class PiecesStream(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces) : ForwardStream
{
    private IAsyncEnumerator<ReadOnlyMemory<byte>>? _iterator;
    private ReadOnlyMemory<byte> _rest;

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

    public override async ValueTask DisposeAsync()
    {
        if (_iterator is not null)
        {
            await _iterator.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }
}
