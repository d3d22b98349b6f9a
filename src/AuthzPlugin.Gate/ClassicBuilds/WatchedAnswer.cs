using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>An answer that passes by; when it is whole, something is done before whoever reads it learns so.</summary>
internal sealed class WatchedAnswer(Stream answer, BuildOutput output, Func<CancellationToken, Task> atEnd) : ForwardStream
{
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await answer.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        output.Feed(buffer.Span[..read]);
        if (read == 0 && !_ended)
        {
            _ended = true;
            await atEnd(cancellationToken).ConfigureAwait(false);
        }

        return read;
    }
}
