using Microsoft.AspNetCore.Connections;

namespace AuthzPlugin.Hosting;

/// <summary>Counts open connections and questions in flight, and closes the connections one by one while the service drains.</summary>
internal sealed class ConnectionCounter(TimeProvider time)
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private int _inFlight;
    private long _lastQuestion = time.GetTimestamp();
    private volatile bool _draining;

    /// <summary>Connections that are open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Every answer carries <c>Connection: close</c> from now on. The task ends at the first moment without a connection.</summary>
    public Task DrainAsync()
    {
        _draining = true;
        SignalIfEmpty();
        return _empty.Task;
    }

    /// <summary>Whether no question came or was answered for this long.</summary>
    public bool IsQuietFor(TimeSpan duration) =>
        Volatile.Read(ref _inFlight) == 0 && time.GetElapsedTime(Volatile.Read(ref _lastQuestion)) >= duration;

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
            SignalIfEmpty();
        }
    }

    /// <summary>Counts a question while it is answered.</summary>
    public async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> answer)
    {
        Interlocked.Increment(ref _inFlight);
        context.Response.OnStarting(MarkLastAnswer, context.Response);
        try
        {
            await answer(context).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _lastQuestion, time.GetTimestamp());
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

    private void SignalIfEmpty()
    {
        if (_draining && Open == 0)
        {
            _empty.TrySetResult();
        }
    }
}
