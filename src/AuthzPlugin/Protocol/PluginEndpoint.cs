using System.Text.Json;
using AuthzPlugin.Enforcement.Authorization;

namespace AuthzPlugin.Protocol;

/// <summary>
/// The Docker plugin protocol over HTTP/1.1 (engine-authz.md 1.2, 1.3): the engine sends no Content-Type and, up to 20.10, an empty
/// Host header. A denial is status 200 with <c>Allow: false</c>: anything else loses the message and is not retried.
/// </summary>
/// <param name="maxMessageBytes">Larger messages are not read: a question is refused, a report is drained.</param>
internal sealed class PluginEndpoint(AuthorizationService service, int maxMessageBytes)
{
    /// <summary>The media type of plugin messages, version 1.2.</summary>
    private const string MediaType = "application/vnd.docker.plugins.v1.2+json";

    private static readonly byte[] Activation = """{"Implements":["authz"]}"""u8.ToArray();

    private static readonly byte[] Allowed = """{"Allow":true,"Msg":""}"""u8.ToArray();

    /// <summary>Answers every path; unknown ones get 404 in one line.</summary>
    public Task HandleAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("POST", "/AuthZPlugin.AuthZReq") => RequestAsync(context),
        ("POST", "/AuthZPlugin.AuthZRes") => ResponseAsync(context),
        ("POST", "/Plugin.Activate") => WriteAsync(context, Activation),
        _ => NotFoundAsync(context),
    };

    private async Task RequestAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        using var body = await MessageBody.ReadAsync(context.Request.Body, maxMessageBytes, null, cancellation).ConfigureAwait(false);
        using var message = body is null ? null : AuthZMessage.TryRead(body.Memory.Span);
        var answer = await service.AuthorizeRequestAsync(message?.ToRequest(), cancellation).ConfigureAwait(false);
        await WriteAsync(context, answer).ConfigureAwait(false);
    }

    private async Task ResponseAsync(HttpContext context)
    {
        var cancellation = context.RequestAborted;
        using var body = await MessageBody.ReadAsync(context.Request.Body, maxMessageBytes, MessagePrefix.IsAboutRead, cancellation).ConfigureAwait(false);
        using var message = body is null ? null : AuthZMessage.TryRead(body.Memory.Span);
        if (message?.ToRequest() is not { } request)
        {
            // The reply to a read, or one too large to be the reply to a create or start, or an empty retry (1.6): nothing can be
            // undone without knowing what was done, and every start was decided before it happened.
            await WriteAsync(context, Allowed).ConfigureAwait(false);
            return;
        }

        var result = new EngineResult(message.ResponseStatusCode, message.ResponseBody ?? []);
        var answer = await service.AuthorizeResponseAsync(request, result, cancellation).ConfigureAwait(false);
        await WriteAsync(context, answer).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, Answer answer) => answer is { Allow: true, Message.Length: 0 }
        ? WriteAsync(context, Allowed)
        : WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(
            new AuthZAnswer { Allow = answer.Allow, Msg = answer.Message }, ProtocolJson.Default.AuthZAnswer));

    private static Task WriteAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = MediaType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("content-trust answers the Docker authorization plugin protocol only\n", context.RequestAborted);
    }
}
