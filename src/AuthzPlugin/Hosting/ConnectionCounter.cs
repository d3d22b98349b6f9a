using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>Counts open connections and closes them one by one while the service drains.</summary>
internal sealed class ConnectionCounter
{
    private int _open;
    private volatile bool _draining;

    /// <summary>Connections that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Every answer carries <c>Connection: close</c> from now on.</summary>
    public void Drain() => _draining = true;

    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    public void MarkLastAnswer(HttpResponse response)
    {
        if (_draining)
        {
            response.Headers.Connection = "close";
        }
    }
}
