using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary>Talks to the running service over its admin socket.</summary>
internal static class AdminClient
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    /// <summary>Sends one request and hands a good answer to <paramref name="show"/>; everything else becomes one line and an exit code.</summary>
    public static Task<int> CallAsync<T>(
        ParseResult parse, SettingsOptions options, HttpMethod method, string path, JsonTypeInfo<T> type, Action<T> show) =>
        AskAsync(parse, options, method, path, type, Budget, answer =>
        {
            show(answer);
            return ExitCodes.Ok;
        });

    /// <summary>The same with a question in JSON, and an exit code that the answer gives. Each decision has its own budget, so there is none here.</summary>
    public static Task<int> AskAsync<TQuestion, T>(
        ParseResult parse,
        SettingsOptions options,
        string path,
        TQuestion question,
        JsonTypeInfo<TQuestion> questionType,
        JsonTypeInfo<T> type,
        Func<T, int> show)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, questionType)),
        };
        return SendAsync(parse, options, request, type, Timeout.InfiniteTimeSpan, show);
    }

    /// <summary>The same without a question.</summary>
    public static Task<int> AskAsync<T>(
        ParseResult parse, SettingsOptions options, HttpMethod method, string path, JsonTypeInfo<T> type, TimeSpan budget, Func<T, int> show) =>
        SendAsync(parse, options, new HttpRequestMessage(method, path), type, budget, show);

    /// <summary>The answer; null when the service does not answer or says no. For what only adds to a command's own answer.</summary>
    public static async Task<T?> TryAskAsync<T>(ServiceSettings settings, HttpRequestMessage request, JsonTypeInfo<T> type, TimeSpan budget)
        where T : class
    {
        try
        {
            using var client = Connect(settings, budget);
            using var response = await client.SendAsync(request).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            return response.IsSuccessStatusCode ? JsonSerializer.Deserialize(body, type) : null;
        }
        catch (Exception e) when (IsSilence(e))
        {
            return null;
        }
    }

    private static bool IsSilence(Exception e) =>
        e is HttpRequestException or IOException or SocketException or TaskCanceledException or JsonException;

    private static async Task<int> SendAsync<T>(
        ParseResult parse, SettingsOptions options, HttpRequestMessage request, JsonTypeInfo<T> type, TimeSpan budget, Func<T, int> show)
    {
        var error = parse.InvocationConfiguration.Error;
        if (options.Read(parse) is not { } settings)
        {
            return ExitCodes.BadConfiguration;
        }

        try
        {
            using var client = Connect(settings, budget);
            using var response = await client.SendAsync(request).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                var said = JsonSerializer.Deserialize(body, Protocol.AdminJson.Default.AdminAnswer);
                await error.WriteLineAsync($"content-trust: {said?.Message}").ConfigureAwait(false);
                return ExitCodes.Failed;
            }

            return show(JsonSerializer.Deserialize(body, type)!);
        }
        catch (Exception e) when (IsSilence(e))
        {
            await error.WriteLineAsync(
                $"content-trust: the service does not answer on {settings.AdminSocket}; is it running (systemctl status content-trust), and are you root?").ConfigureAwait(false);
            return ExitCodes.Unavailable;
        }
    }

    private static HttpClient Connect(ServiceSettings settings, TimeSpan budget) => new(UnixSocketHttp.Handler(settings.AdminSocket))
    {
        BaseAddress = new Uri("http://content-trust"),
        Timeout = budget,
    };
}
