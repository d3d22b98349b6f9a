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
    /// <summary>How long open connections may still bring a question after SIGTERM.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(250);

    private readonly WebApplication _app;
    private readonly ConnectionCounter _connections;
    private readonly DrainableListeners _listeners;

    private UnixSocketServer(WebApplication app, ConnectionCounter connections, DrainableListeners listeners)
    {
        _app = app;
        _connections = connections;
        _listeners = listeners;
    }

    /// <param name="socketPath">Used when systemd passes no socket.</param>
    /// <param name="drainTimeout">Longest wait for answers in flight.</param>
    public static UnixSocketServer Create(RequestDelegate handler, string socketPath, bool fromSystemd, TimeSpan drainTimeout)
    {
        var connections = new ConnectionCounter();
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
        app.Run(context =>
        {
            connections.MarkLastAnswer(context.Response);
            return handler(context);
        });
        return new UnixSocketServer(app, connections, app.Services.GetRequiredService<DrainableListeners>());
    }

    /// <exception cref="IOException">The socket cannot be bound.</exception>
    /// <exception cref="SocketException">Likewise.</exception>
    public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

    /// <summary>
    /// Stops accepting (a socket of systemd's keeps queueing for the next process), answers what is in flight with
    /// <c>Connection: close</c>, and gives idle connections a moment in which a question already on its way still arrives:
    /// the engine repeats a broken question without its body (engine-authz.md 1.6), which has to be refused.
    /// </summary>
    public async Task DrainAsync(TimeProvider time)
    {
        await _listeners.StopAcceptingAsync(CancellationToken.None).ConfigureAwait(false);
        _connections.Drain();
        var until = time.GetUtcNow() + Linger;
        while (_connections.Open > 0 && time.GetUtcNow() < until)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), time).ConfigureAwait(false);
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
