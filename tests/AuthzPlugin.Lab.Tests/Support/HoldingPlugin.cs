using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// A second authorization plugin, listed behind the product: it allows everything, and can hold one question back. dockerd asks its
/// plugins in order, so that is a moment between the product's answer and the engine's deed, as long as a test likes.
/// </summary>
public sealed class HoldingPlugin : IAsyncDisposable
{
    public const string Name = "lab-holds";

    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private Hold? _next;

    private HoldingPlugin(WebApplication app) => _app = app;

    public static async Task<HoldingPlugin> StartAsync(string pluginDirectory)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(Path.Combine(pluginDirectory, Name + ".sock"));
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromDays(1);
        });
        var plugin = new HoldingPlugin(builder.Build());
        plugin._app.Run(plugin.AnswerAsync);
        await plugin._app.StartAsync();
        return plugin;
    }

    /// <summary>Holds the next question about a request that fits.</summary>
    public Hold HoldNext(Func<string, string, bool> methodAndUri) => _next = new Hold(methodAndUri);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/Plugin.Activate")
        {
            await context.Response.WriteAsync("""{"Implements":["authz"]}""");
            return;
        }

        var question = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
        var (method, uri) = (question.GetProperty("RequestMethod").GetString()!, question.GetProperty("RequestUri").GetString()!);
        if (context.Request.Path == "/AuthZPlugin.AuthZReq" && _next is { } hold && hold.Fits(method, uri))
        {
            _next = null;
            await hold.PassAsync().WaitAsync(LongestHold, context.RequestAborted);
        }

        await context.Response.WriteAsync("""{"Allow":true}""");
    }
}

/// <summary>One question that is held back.</summary>
public sealed class Hold(Func<string, string, bool> fits)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the question has come: the product has answered and the engine waits.</summary>
    public Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Release() => _released.TrySetResult();

    internal bool Fits(string method, string uri) => fits(method, uri);

    internal Task PassAsync()
    {
        _reached.TrySetResult();
        return _released.Task;
    }
}
