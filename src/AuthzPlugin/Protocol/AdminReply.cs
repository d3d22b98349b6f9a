using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthzPlugin.Protocol;

/// <summary>Reads and writes JSON on the admin socket.</summary>
internal static class AdminReply
{
    /// <summary>Questions are small.</summary>
    private const int MaxQuestionBytes = 8 * 1024 * 1024;

    public static Task SayAsync(HttpContext context, int code, string message) =>
        WriteAsync(context, code, new AdminAnswer { Message = message }, AdminJson.Default.AdminAnswer);

    public static Task WriteAsync<T>(HttpContext context, int code, T value, JsonTypeInfo<T> type)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type), context.RequestAborted).AsTask();
    }

    /// <summary>The question; null when it is none, and that has been answered.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0 && body.Length <= MaxQuestionBytes)
        {
            body.Write(buffer, 0, read);
        }

        try
        {
            if (body.Length <= MaxQuestionBytes && JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type) is { } question)
            {
                return question;
            }
        }
        catch (JsonException)
        {
            // Answered below.
        }

        await SayAsync(
            context, StatusCodes.Status400BadRequest, "the service does not understand the question; restart it after an upgrade").ConfigureAwait(false);
        return null;
    }
}
