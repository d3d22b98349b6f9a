using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Kestrel on a Unix socket, set for a client that keeps its connections for ever, has no rate and no host name.
/// </summary>
internal sealed class UnixSocketServer : IAsyncDisposable
{
    /// <summary>Time between two looks at the connections while draining.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// After so many looks without a question, a second, open connections count as idle. Looks and not time: a process that gets no
    /// processor sees no question either. They are answered meanwhile, so only the end of this process waits.
    /// </summary>
    private const int QuietLooks = 200;

    /// <summary>How often we look, behind closed doors, whether something came at the last moment.</summary>
    private const int LastLooks = 6;

    private readonly WebApplication _app;
    private readonly ConnectionCounter _connections;
    private readonly DrainableListeners _listeners;
    private readonly TimeSpan _drainTimeout;

    private UnixSocketServer(WebApplication app, ConnectionCounter connections, DrainableListeners listeners, TimeSpan drainTimeout)
    {
        _app = app;
        _connections = connections;
        _listeners = listeners;
        _drainTimeout = drainTimeout;
    }

    /// <param name="socketPath">Used when systemd passed no socket.</param>
    /// <param name="passed">The descriptor of the socket that it passed.</param>
    /// <param name="drainTimeout">Longest wait for answers in flight.</param>
    public static UnixSocketServer Create(Func<HttpContext, Task> handler, string socketPath, int? passed, TimeSpan drainTimeout)
    {
        var connections = new ConnectionCounter();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = drainTimeout);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            if (passed is { } descriptor)
            {
                kestrel.ListenHandle((ulong)descriptor, listen => Configure(listen, connections));
            }
            else
            {
                kestrel.ListenUnixSocket(socketPath, listen => Configure(listen, connections));
            }
        });
        // Questions are answered on the thread that read them: nothing in an answer blocks, and a hop to another thread costs as much as a read.
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = true;

            // One system call for each read and not two; a connection that waits holds 4 KiB for it.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });
        builder.Services.AddSingleton<SocketTransportFactory>();
        builder.Services.AddSingleton(services => new DrainableListeners(services.GetRequiredService<SocketTransportFactory>()));
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => services.GetRequiredService<DrainableListeners>());
        var app = builder.Build();
        app.Run(context => connections.AnswerAsync(context, handler));
        return new UnixSocketServer(app, connections, app.Services.GetRequiredService<DrainableListeners>(), drainTimeout);
    }

    /// <exception cref="IOException">The socket cannot be bound.</exception>
    /// <exception cref="SocketException">Likewise.</exception>
    public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

    /// <summary>
    /// Answers with <c>Connection: close</c> from now on, and ends when every connection is gone or has been idle for a while.
    /// A socket of systemd's keeps queueing for the next process.
    /// </summary>
    /// <remarks>
    /// It accepts to the end, and opens the door again for what came at the last moment. A decision asks the engine, and the engine
    /// asks us about that over a connection that may be new: behind a closed door that waits for the next process, and the decision
    /// with it until it times out. Idle connections get their time before, because the engine repeats a broken question without
    /// its body (engine-authz.md 1.6), which has to be refused.
    /// </remarks>
    public async Task DrainAsync(TimeProvider time)
    {
        _connections.Drain();
        // By the clock that nobody sets.
        var started = time.GetTimestamp();
        bool HasTime() => time.GetElapsedTime(started) < _drainTimeout;
        int idle;
        do
        {
            idle = await WaitForRestAsync(HasTime, time).ConfigureAwait(false);
            await _listeners.CloseAsync().ConfigureAwait(false);
        }
        while (await HasNewsAsync(idle, time).ConfigureAwait(false)
            && HasTime()
            && await _listeners.TryOpenAsync().ConfigureAwait(false));

        await _app.StopAsync().ConfigureAwait(false);
    }

    /// <summary>Returns the number of idle connections.</summary>
    private async Task<int> WaitForRestAsync(Func<bool> hasTime, TimeProvider time)
    {
        var (open, seen, looks) = (_connections.Open, _connections.Questions, 0);
        while (open > 0 && looks < QuietLooks && hasTime())
        {
            await Task.Delay(Poll, time).ConfigureAwait(false);
            var questions = _connections.Questions;
            looks = questions == seen && _connections.InFlight == 0 ? looks + 1 : 0;
            (open, seen) = (_connections.Open, questions);
        }

        return open;
    }

    private async Task<bool> HasNewsAsync(int idle, TimeProvider time)
    {
        for (var look = 0; look < LastLooks; look++)
        {
            await Task.Delay(Poll, time).ConfigureAwait(false);
            if (_connections.InFlight > 0 || _connections.Open > idle)
            {
                return true;
            }
        }

        return false;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;

        // The engine never closes its connections (older ones keep them for ever), and a closed one costs a refused command.
        // Not Timeout.InfiniteTimeSpan: Kestrel's sum of now and that overflows, and every idle connection is closed within a second
        // (seen with ASP.NET Core 10.0).
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromDays(3650);

        // Bodies are bounded where they are read; replies of tens of megabytes are drained.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
    }

    private static void Configure(ListenOptions listen, ConnectionCounter connections)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => connections.CountAsync(connection, next));
    }
}
