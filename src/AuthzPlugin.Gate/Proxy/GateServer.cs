using System.Collections.Concurrent;
using System.Net.Sockets;
using AuthzPlugin.Enforcement.Authorization;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>Accepts the gate's clients and serves each until it ends. The listening socket is the caller's and is never closed here.</summary>
public sealed class GateServer : IAsyncDisposable
{
    /// <summary>After accept(2) failed (no descriptors are left, say).</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Time between two looks at the connections while draining.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>After so many looks without a byte, a second, a connection is idle. Looks and not time: see <c>UnixSocketServer</c>.</summary>
    private const int QuietLooks = 50;

    /// <summary>Large bodies that keep their buffer: 4 MiB of buffers at most.</summary>
    private const int LargeAtOnce = 16;

    private readonly Socket _listener;
    private readonly GateParts _parts;
    private readonly ExchangeRouter _router;
    private readonly UserNames _users;
    private readonly LargeBodies _large = new(LargeAtOnce);
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly CancellationTokenSource _stopServing = new();
    private readonly ConcurrentDictionary<ClientConnection, Task> _connections = new();
    private readonly ConcurrentDictionary<uint, int> _perUser = new();
    private Task _accepting = Task.CompletedTask;

    public GateServer(Socket listener, GateParts parts)
    {
        _listener = listener;
        _parts = parts;
        _router = new ExchangeRouter(parts);
        _users = new UserNames(UserNames.DefaultFile, parts.Time);
    }

    /// <summary>Connections that are open now.</summary>
    public int Open => _connections.Count;

    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>
    /// Accepts no more, and lets every connection have its answer, the last one of that connection. Those on which nothing comes for a
    /// second are closed: a client that just connected, or sends its next request at this moment, must not lose it. What lasts longer
    /// (events, attached containers) is cut off at the limit.
    /// </summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        // At once, and once more for those that are accepted until accepting has stopped.
        DrainConnections();
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        DrainConnections();
        // By the clock that nobody sets.
        var started = _parts.Time.GetTimestamp();
        while (!_connections.IsEmpty && _parts.Time.GetElapsedTime(started) < limit)
        {
            await Task.Delay(Look, _parts.Time).ConfigureAwait(false);
            foreach (var connection in _connections.Keys)
            {
                connection.CloseWhenQuiet(QuietLooks);
            }
        }

        await _stopServing.CancelAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopAccepting.CancelAsync().ConfigureAwait(false);
        await _stopServing.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopAccepting.Dispose();
        _stopServing.Dispose();
    }

    private void DrainConnections()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Drain();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopAccepting.IsCancellationRequested)
        {
            try
            {
                Serve(await _listener.AcceptAsync(_stopAccepting.Token).ConfigureAwait(false));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                Log.NotAccepted(_parts.Logger, e.Message);
                await Task.Delay(AcceptPause, _parts.Time).ConfigureAwait(false);
            }
        }
    }

    private void Serve(Socket socket)
    {
        CallerIdentity caller;
        try
        {
            var (pid, uid, gid) = PeerCredentials.Of(socket);
            caller = new CallerIdentity(uid, gid, pid, _users.Find(uid));
        }
        catch (SocketException)
        {
            // Gone before we looked.
            socket.Dispose();
            return;
        }

        var connection = new ClientConnection(socket, caller, _parts, _router, _large);
        var ofUser = _perUser.AddOrUpdate(caller.Uid, 1, (_, count) => count + 1);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var full = _connections.Count >= _parts.MaxConnections || (caller.Uid != 0 && ofUser > _parts.MaxConnectionsPerUser);
        var serving = Task.Run(async () =>
        {
            await started.Task.ConfigureAwait(false);
            await ServeAsync(connection, full).ConfigureAwait(false);
        });
        _connections[connection] = serving;
        started.SetResult();
    }

    private async Task ServeAsync(ClientConnection connection, bool full)
    {
        try
        {
            if (full)
            {
                await TurnAwayAsync(connection).ConfigureAwait(false);
                return;
            }

            await connection.RunAsync(_stopServing.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One connection's fault is not the others'.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Fault(_parts.Logger, e);
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
            _perUser.AddOrUpdate(connection.Caller.Uid, 0, (_, count) => count - 1);
        }
    }

    private async Task TurnAwayAsync(ClientConnection connection)
    {
        const string Message = "the content-trust gate serves as many connections as it may; close some, or try again";
        try
        {
            await connection.Stream.WriteAsync(GateAnswers.Error(503, Message, close: true), _stopServing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Log.ConnectionEnded(_parts.Logger, e.Message);
        }
    }
}
