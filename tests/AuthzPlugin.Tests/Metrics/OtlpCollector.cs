using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Tests.Metrics;

/// <summary>Receives OTLP over HTTP, or hangs.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();

    private OtlpCollector(WebApplication app, IPEndPoint address)
    {
        _app = app;
        Url = new Uri($"http://{address}");
    }

    public Uri Url { get; }

    /// <summary>What came: path, content type and body.</summary>
    public ConcurrentQueue<(string Path, string Type, byte[] Body)> Received { get; } = new();

    public bool Hangs { get; set; }

    public int Status { get; set; } = 200;

    public static async Task<OtlpCollector> StartAsync(IPEndPoint address)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address));
        var app = builder.Build();
        var collector = new OtlpCollector(app, address);
        app.Run(collector.TakeAsync);
        await app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Received.Enqueue((context.Request.Path.Value!, context.Request.ContentType ?? "", body.ToArray()));
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.Response.StatusCode = Status;
    }
}
