using System.Net;
using AuthzPlugin.Enforcement.Metrics;

namespace AuthzPlugin.Protocol;

/// <summary><c>GET /metrics</c> in the text format of Prometheus, and nothing else.</summary>
/// <param name="anyHost">
/// False on a TCP port: the Host header must be this machine's, else a page in a browser here could read it through a name that it
/// points to 127.0.0.1.
/// </param>
internal sealed class MetricsEndpoint(MetricStore metrics, bool anyHost)
{
    /// <summary>Longest time for writing an answer to somebody who does not read it.</summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path.Value != "/metrics" || !(anyHost || IsThisMachine(context.Request.Host.Host)))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "only /metrics of this machine is here\n").ConfigureAwait(false);
        }
        else if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Get;
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "metrics are read with GET\n").ConfigureAwait(false);
        }
        else
        {
            context.Response.ContentType = MetricStore.ContentType;
            await WriteAsync(context, metrics.ToPrometheusText()).ConfigureAwait(false);
        }
    }

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.Connection = "close";
        return WriteAsync(context, text);
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        budget.CancelAfter(WriteTimeout);
        try
        {
            await context.Response.WriteAsync(text, budget.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }
}
