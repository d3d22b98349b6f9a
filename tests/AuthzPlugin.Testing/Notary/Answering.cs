using Microsoft.AspNetCore.Http;

namespace AuthzPlugin.Testing.Notary;

/// <summary>Writes the truth or an <see cref="Answer"/>.</summary>
internal static class Answering
{
    public static async Task WriteAsync(HttpContext context, byte[]? file, Answer? answer)
    {
        var response = context.Response;
        switch (answer)
        {
            case Answer.Status status:
                response.StatusCode = status.Code;
                return;
            case Answer.Redirect redirect:
                response.StatusCode = redirect.Code;
                response.Headers.Location = redirect.Location;
                return;
            case Answer.HangUp:
                context.Abort();
                return;
            case Answer.Silence:
                await UntilClientLeavesAsync(context);
                return;
            case Answer.Endless:
                await EndlessAsync(context);
                return;
            case Answer.Announced announced:
                response.ContentLength = announced.Length;
                await response.Body.FlushAsync();
                await UntilClientLeavesAsync(context);
                return;
            case Answer.Bytes bytes:
                await BodyAsync(response, bytes.Body);
                return;
            case Answer.Held held:
                await held.Release;
                break;
        }

        if (file is null)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await TrueBodyAsync(context, file, answer);
    }

    private static async Task TrueBodyAsync(HttpContext context, byte[] file, Answer? answer)
    {
        switch (answer)
        {
            case Answer.Changed changed:
                await BodyAsync(context.Response, changed.Change(file));
                break;
            case Answer.Chunked:
                await context.Response.StartAsync();
                await context.Response.Body.WriteAsync(file);
                break;
            case Answer.CutOff:
                context.Response.ContentLength = file.Length;
                await context.Response.Body.WriteAsync(file.AsMemory(0, file.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case Answer.Trickle:
                await TrickleAsync(context, file);
                break;
            default:
                await BodyAsync(context.Response, file);
                break;
        }
    }

    private static async Task BodyAsync(HttpResponse response, byte[] body)
    {
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private static async Task EndlessAsync(HttpContext context)
    {
        var zeros = new byte[64 * 1024];
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.Body.WriteAsync(zeros);
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task TrickleAsync(HttpContext context, byte[] file)
    {
        context.Response.ContentLength = file.Length;
        for (var i = 0; i < file.Length && !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.Body.WriteAsync(file.AsMemory(i, 1));
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    private static async Task UntilClientLeavesAsync(HttpContext context)
    {
        var left = new TaskCompletionSource();
        using var registration = context.RequestAborted.Register(left.SetResult);
        await left.Task;
        context.Abort();
    }
}
