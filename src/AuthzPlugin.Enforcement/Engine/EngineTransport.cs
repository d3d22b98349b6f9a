using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>An answer of the engine: status, and the body bounded by the caller's limit.</summary>
internal sealed record EngineAnswer(HttpStatusCode Status, byte[] Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The engine's own error sentence, on one line.</summary>
    public string ErrorMessage()
    {
        try
        {
            return JsonSerializer.Deserialize(Body, EngineJson.Default.EngineError)?.Message ?? $"status {(int)Status}";
        }
        catch (JsonException)
        {
            return $"status {(int)Status}";
        }
    }

    /// <summary>The body as one JSON object.</summary>
    /// <exception cref="EngineException">It is none.</exception>
    public JsonElement ReadObject()
    {
        try
        {
            var value = JsonSerializer.Deserialize(Body, EngineJson.Default.JsonElement);
            return value.ValueKind == JsonValueKind.Object
                ? value
                : throw new EngineException(EngineFault.Unclear, "the engine's answer is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answer is not the JSON that its API promises", e);
        }
    }

    /// <exception cref="EngineException">The body is not what the API promises.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body, type) ?? throw new EngineException(EngineFault.Unclear, "the engine answered null");
        }
        catch (JsonException e)
        {
            throw new EngineException(EngineFault.Unclear, "the engine's answer is not the JSON that its API promises", e);
        }
    }
}

/// <summary>Bounds of calls to the engine.</summary>
/// <param name="Timeout">Longest wait for one answer.</param>
/// <param name="MaxAnswerBytes">Largest answer, in bytes.</param>
public sealed record EngineOptions(TimeSpan Timeout, int MaxAnswerBytes)
{
    public static readonly EngineOptions Default = new(TimeSpan.FromSeconds(5), 32 * 1024 * 1024);
}

/// <summary>
/// HTTP over the engine's Unix socket, with every answer bounded. Our calls come back to us as authorization requests:
/// each carries a secret header by which <see cref="IsOwnCall"/> knows them.
/// </summary>
public sealed class EngineTransport : IDisposable
{
    /// <summary>The header that marks our own calls; the engine passes it on to its authorization plugins.</summary>
    public const string OwnCallHeader = "X-Content-Trust-Call";

    private readonly HttpClient _client;
    private readonly EngineOptions _options;
    private readonly string _ownCallSecret = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));

    public EngineTransport(string socketPath, EngineOptions options)
        : this(UnixSocketHttp.Handler(socketPath), options)
    {
    }

    /// <summary>For simulators: the production client in front of another handler.</summary>
    public EngineTransport(HttpMessageHandler handler, EngineOptions options)
    {
        _options = options;
        _client = new HttpClient(handler) { BaseAddress = new Uri("http://docker"), Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Add(OwnCallHeader, _ownCallSecret);
    }

    /// <summary>
    /// Whether a request that the engine asks about is one of ours. It grants nothing that anybody else would be refused;
    /// it only keeps our own calls from waiting for our own locks.
    /// </summary>
    public bool IsOwnCall(IReadOnlyDictionary<string, string> headers) =>
        headers.TryGetValue(OwnCallHeader, out var secret)
        && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(
            System.Text.Encoding.UTF8.GetBytes(secret), System.Text.Encoding.UTF8.GetBytes(_ownCallSecret));

    public void Dispose() => _client.Dispose();

    internal Task<EngineAnswer> SendAsync(HttpMethod method, string path, string? registryAuth, CancellationToken cancellation) =>
        WithinAsync(
            async budget =>
            {
                using var request = new HttpRequestMessage(method, path);
                if (registryAuth is not null)
                {
                    request.Headers.TryAddWithoutValidation("X-Registry-Auth", registryAuth);
                }

                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, budget).ConfigureAwait(false);
                await response.Content.LoadIntoBufferAsync(_options.MaxAnswerBytes, budget).ConfigureAwait(false);
                return new EngineAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(budget).ConfigureAwait(false));
            },
            cancellation);

    /// <summary>An answer that goes on for as long as both sides live. Disposing of it ends it.</summary>
    /// <exception cref="EngineException">The engine did not begin to answer in time, or answered an error.</exception>
    internal Task<Stream> OpenAsync(string path, CancellationToken cancellation) =>
        WithinAsync(
            async budget =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, budget).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
                }

                response.Dispose();
                throw new EngineException(EngineFault.Failed, $"the engine answered {(int)response.StatusCode}");
            },
            cancellation);

    /// <summary>The time budget of a call, and what its failures are called.</summary>
    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        budget.CancelAfter(_options.Timeout);
        try
        {
            return await call(budget.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new EngineException(EngineFault.Unclear, $"the engine's answer has more than {_options.MaxAnswerBytes} bytes", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            throw new EngineException(EngineFault.Unreachable, "the engine's socket does not answer", e);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new EngineException(EngineFault.Unreachable, $"the engine did not answer in {_options.Timeout.TotalSeconds:0.#} s", e);
        }
    }
}
