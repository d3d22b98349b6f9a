using System.Net;
using System.Net.Sockets;
using AuthzPlugin.Protocol;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Kestrel on a socket of its own for metrics. Unlike the plugin's socket its clients are nobody in particular, so everything is bounded:
/// connections, headers, bodies, time. What happens here touches no answer to the engine.
/// </summary>
internal sealed class MetricsServer : IAsyncDisposable
{
    private const int MaxConnections = 8;
    private const int MaxHeaderBytes = 8 * 1024;

    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the usual interval between two scrapes, which then need no new connection.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _app;
    private readonly string? _socketPath;

    private MetricsServer(WebApplication app, string? socketPath)
    {
        _app = app;
        _socketPath = socketPath;
    }

    public static MetricsServer Create(MetricsEndpoint metrics, EndPoint endpoint)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopTimeout);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = HeaderTimeout;
            kestrel.Limits.KeepAliveTimeout = IdleTimeout;
            kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(metrics.HandleAsync);
        return new MetricsServer(app, (endpoint as UnixDomainSocketEndPoint)?.ToString());
    }

    /// <summary>Returns null, or one sentence why nothing can be read here.</summary>
    public async Task<string?> StartAsync(CancellationToken cancellation)
    {
        if (_socketPath is not null && PluginSocket.Prepare(_socketPath) is { } problem)
        {
            return problem;
        }

        try
        {
            await _app.StartAsync(cancellation).ConfigureAwait(false);
            if (_socketPath is not null)
            {
                PluginSocket.Restrict(_socketPath);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            return e.Message;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
