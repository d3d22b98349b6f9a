using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>Counts open connections and questions in flight, and closes the connections one by one while the service drains.</summary>
internal sealed class ConnectionCounter
{
    // One for all questions.
    private readonly Func<object, Task> _markLastAnswer;
    private int _open;
    private int _inFlight;
    private long _questions;
    private volatile bool _draining;

    public ConnectionCounter() => _markLastAnswer = MarkLastAnswer;

    /// <summary>Connections that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Questions that have come and are not answered.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Every answer carries <c>Connection: close</c> from now on.</summary>
    public void Drain() => _draining = true;

    /// <summary>Questions that have come since the start.</summary>
    public long Questions => Interlocked.Read(ref _questions);

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

    /// <summary>Counts a question while it is answered.</summary>
    public async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> answer)
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Increment(ref _questions);
        context.Response.OnStarting(_markLastAnswer, context.Response);
        try
        {
            await answer(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private Task MarkLastAnswer(object response)
    {
        if (_draining)
        {
            ((HttpResponse)response).Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }
}
