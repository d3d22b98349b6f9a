using System.Net.Sockets;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// One client's connection: its requests one after the other, each with an exchange of its own. Has one connection to the engine beside
/// it, kept from request to request as the client's is.
/// </summary>
internal sealed class ClientConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly GateParts _parts;
    private readonly ExchangeRouter _router;
    private EngineConnection? _engine;
    private volatile bool _idle = true;
    private volatile bool _draining;
    private int _quietLooks;

    public ClientConnection(Socket socket, CallerIdentity caller, GateParts parts, ExchangeRouter router, LargeBodies large)
    {
        _socket = socket;
        _parts = parts;
        _router = router;
        Caller = caller;
        LargeBodies = large;
        Reader = new SocketReader(socket);
        Stream = new DuplexStream(socket, Reader);
    }

    public CallerIdentity Caller { get; }

    /// <summary>Those of all connections.</summary>
    public LargeBodies LargeBodies { get; }

    public SocketReader Reader { get; }

    public DuplexStream Stream { get; }

    /// <summary>The answer that is written next is the last one of this connection.</summary>
    public bool Draining => _draining;

    /// <summary>Serves until either side ends. Throws nothing but what a fault of ours throws.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (await HeadAsync(cancellation).ConfigureAwait(false) is { } head)
            {
                if (!await _router.HandleAsync(this, head, cancellation).ConfigureAwait(false))
                {
                    await LingerAsync(cancellation).ConfigureAwait(false);
                    return;
                }

                _idle = true;
            }
        }
        catch (WireException e)
        {
            await RefuseAsync(e, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side went away, or the service stops: there is nobody left to tell.
            Log.ConnectionEnded(_parts.Logger, e.Message);
        }
    }

    /// <summary>The next answer says that it is the last one.</summary>
    public void Drain() => _draining = true;

    /// <summary>Closes the connection when this has found nothing of a request so many times in a row. For one caller at a time.</summary>
    public void CloseWhenQuiet(int looks)
    {
        _quietLooks = IsQuiet() ? _quietLooks + 1 : 0;
        if (_quietLooks >= looks)
        {
            _socket.Dispose();
        }
    }

    /// <summary>The connection that the last request left, when the engine has not ended it meanwhile, or a new one.</summary>
    /// <exception cref="EngineGoneException">There is no engine.</exception>
    public async ValueTask<(EngineConnection Engine, bool IsFresh)> EngineAsync(CancellationToken cancellation)
    {
        if (_engine is { IsQuiet: true } kept)
        {
            return (kept, false);
        }

        ForgetEngine();
        _engine = await EngineConnection.OpenAsync(_parts.EngineSocket, cancellation).ConfigureAwait(false);
        return (_engine, true);
    }

    /// <summary>Closes the connection to the engine: it is not fit for another request.</summary>
    public void ForgetEngine()
    {
        _engine?.Dispose();
        _engine = null;
    }

    /// <summary>
    /// Ends the engine's stream when the client ends its own, as it would for a direct client: the engine gives up what it does then.
    /// For the time in which nobody reads from the client.
    /// </summary>
    public void WatchFor(EngineConnection engine)
    {
        if (Reader.Available.IsEmpty)
        {
            _ = EndWithClientAsync(engine);
        }
    }

    public void Dispose()
    {
        ForgetEngine();
        _socket.Dispose();
    }

    private bool IsQuiet()
    {
        try
        {
            return _idle && Reader.IsEmpty && !_socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It ended by itself.
            return false;
        }
    }

    private async Task EndWithClientAsync(EngineConnection engine)
    {
        try
        {
            if (!await Reader.WatchAsync().ConfigureAwait(false))
            {
                engine.Stream.EndWriting();
            }
        }
        catch (IOException)
        {
            // The client is gone altogether; whoever writes to it notices, and this wakes whoever does not.
            engine.Stream.EndWriting();
        }
    }

    private async ValueTask<RequestHead?> HeadAsync(CancellationToken cancellation)
    {
        var head = await HeadReader.ReadRequestAsync(Reader, _parts.HeadTimeout, _parts.Time, cancellation).ConfigureAwait(false);
        _idle = false;

        // Nobody but this process speaks with these.
        return head is null ? null : head with { Headers = head.Headers.Without(GatePasses.Header, EngineTransport.OwnCallHeader) };
    }

    private async Task RefuseAsync(WireException problem, CancellationToken cancellation)
    {
        var message = $"the content-trust gate refuses this request: it {problem.Message}";
        Log.Malformed(_parts.Logger, Caller.Uid, UntrustedText.Escape(problem.Message));
        try
        {
            await Stream.WriteAsync(GateAnswers.Error(problem.Status, message, close: true), cancellation).ConfigureAwait(false);
            await LingerAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Log.ConnectionEnded(_parts.Logger, e.Message);
        }
    }

    /// <summary>A socket that is closed with bytes unread takes back what was written to it and not read yet.</summary>
    private async Task LingerAsync(CancellationToken cancellation)
    {
        Stream.EndWriting();
        using var timer = new CancellationTokenSource(_parts.Linger, _parts.Time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            await Reader.SettleAsync(budget.Token).ConfigureAwait(false);
            do
            {
                Reader.Consume(Reader.Available.Length);
            }
            while (await Reader.FillAsync(budget.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Log.ConnectionEnded(_parts.Logger, e.Message);
        }
    }
}
