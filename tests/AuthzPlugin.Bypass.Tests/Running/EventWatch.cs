using System.Text;
using System.Text.Json;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>
/// The engine's events of containers from now on. Listened to all the time: the engine remembers the last 256 only, and a race makes more.
/// </summary>
public sealed class EventWatch : IAsyncDisposable
{
    private const string Filters = """{"type":["container"],"event":["start","restart","die","unpause","exec_die"]}""";

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _client;
    private readonly Task _reading;
    private volatile string? _evil;

    private EventWatch(HttpClient client, StreamReader events)
    {
        _client = client;
        _reading = ReadAsync(events);
    }

    /// <summary>The first event of unsigned content that ran; null when there was none until now.</summary>
    public string? Evil => _evil;

    /// <summary>The engine went on telling: what is not told did not happen.</summary>
    public bool Ended => _reading.IsCompleted;

    /// <summary>Returns when the engine has begun to tell.</summary>
    public static async Task<EventWatch> StartAsync(string socketPath)
    {
        var client = EngineApi.Connect(socketPath);
        var answer = await client.GetAsync($"/events?filters={Uri.EscapeDataString(Filters)}", HttpCompletionOption.ResponseHeadersRead);
        return new EventWatch(client, new StreamReader(await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(), Encoding.UTF8));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(StreamReader events)
    {
        while (await events.ReadLineAsync(_stop.Token) is { } line)
        {
            if (_evil is null && IsEvil(line))
            {
                _evil = line;
            }
        }
    }

    private static bool IsEvil(string line)
    {
        var attributes = JsonSerializer.Deserialize<JsonElement>(line).GetProperty("Actor").GetProperty("Attributes");
        return attributes.TryGetProperty("evil", out _)
            || (attributes.TryGetProperty("exitCode", out var code) && code.GetString() == $"{AttackLab.EvilExitCode}");
    }
}
