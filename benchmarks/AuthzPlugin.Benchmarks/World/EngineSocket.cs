using AuthzPlugin.Testing.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Benchmarks.World;

/// <summary>The simulated engine on a Unix socket: product and floor ask the same one.</summary>
internal sealed class EngineSocket : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _engine;

    private EngineSocket(WebApplication app, SimulatedEngine engine)
    {
        _app = app;
        _engine = new HttpMessageInvoker(engine);
    }

    public static async Task<EngineSocket> StartAsync(SimulatedEngine engine, string path)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path));
        var app = builder.Build();
        var socket = new EngineSocket(app, engine);
        app.Run(socket.AnswerAsync);
        await app.StartAsync();
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _engine.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var target = new Uri("http://docker" + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent());
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target);
        using var answer = await _engine.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentLength = answer.Content.Headers.ContentLength;
        await context.Response.StartAsync();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
