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
    /// <summary>So long without a question, open connections count as idle.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    /// <summary>How long what was accepted at the last moment is still served.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

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

    /// <param name="socketPath">Used when systemd passes no socket.</param>
    /// <param name="drainTimeout">Longest wait for answers in flight.</param>
    public static UnixSocketServer Create(
        Func<HttpContext, Task> handler, string socketPath, bool fromSystemd, TimeSpan drainTimeout, TimeProvider time)
    {
        var connections = new ConnectionCounter(time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = drainTimeout);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            if (fromSystemd)
            {
                kestrel.UseSystemd(listen => Configure(listen, connections));
            }
            else
            {
                kestrel.ListenUnixSocket(socketPath, listen => Configure(listen, connections));
            }
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
    /// It accepts to the end. A decision asks the engine, and the engine asks us about that over a connection that may be new: in
    /// the queue of a closed door that waits for the next process, and the decision with it until it times out. Idle connections
    /// get their time before, because the engine repeats a broken question without its body (engine-authz.md 1.6), which has to be
    /// refused.
    /// </remarks>
    public async Task DrainAsync(TimeProvider time)
    {
        var empty = _connections.DrainAsync();
        var deadline = time.GetUtcNow() + _drainTimeout;
        while (!empty.IsCompleted && !_connections.IsQuietFor(Quiet) && time.GetUtcNow() < deadline)
        {
            await Task.WhenAny(empty, Task.Delay(Poll, time)).ConfigureAwait(false);
        }

        await _listeners.StopAcceptingAsync(CancellationToken.None).ConfigureAwait(false);
        var until = time.GetUtcNow() + Linger;
        while (_connections.Open > 0 && time.GetUtcNow() < until)
        {
            await Task.Delay(Poll, time).ConfigureAwait(false);
        }

        await _app.StopAsync().ConfigureAwait(false);
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

    /// <summary>Signals are handled by the command, not by the web host.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
