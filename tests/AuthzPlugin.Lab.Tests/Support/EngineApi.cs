using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>An answer of the engine.</summary>
public sealed record ApiAnswer(string Request, HttpStatusCode Status, string Body)
{
    public bool Succeeded => (int)Status is >= 200 and < 300;

    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>The engine's error sentence.</summary>
    public string Message => Json.GetProperty("message").GetString()!;

    /// <summary>The id of what was created.</summary>
    public string Id => Json.GetProperty(nameof(Id)).GetString()!;

    public override string ToString() => $"{Request} -> {(int)Status} {Body}";
}

/// <summary>The Engine API over the engine's socket, past the command line tool.</summary>
public sealed class EngineApi : IDisposable
{
    private readonly HttpClient _client;

    /// <param name="connections">Most connections at a time.</param>
    public EngineApi(string socketPath, int connections = 64)
    {
        _client = Connect(socketPath, connections);
        _client.Timeout = TimeSpan.FromSeconds(60);
    }

    /// <summary>A client of the engine's socket.</summary>
    public static HttpClient Connect(string socketPath, int connections = 64) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        MaxConnectionsPerServer = connections,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://engine"),
    };

    public Task<ApiAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <param name="body">JSON; null: no body, with <c>Content-Length: 0</c>.</param>
    public Task<ApiAnswer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null);

    /// <summary>Creates a container that sleeps.</summary>
    public Task<ApiAnswer> CreateAsync(string image, string? name = null) => PostAsync(
        "/v1.41/containers/create" + (name is null ? "" : $"?name={name}"),
        new JsonObject
        {
            ["Image"] = image,
            ["Cmd"] = new JsonArray("sleep", "600"),
            ["HostConfig"] = new JsonObject { ["NetworkMode"] = "none" },
        });

    public Task<ApiAnswer> StartAsync(string container) => PostAsync($"/v1.41/containers/{container}/start");

    public Task<ApiAnswer> RemoveAsync(string container) => DeleteAsync($"/v1.41/containers/{container}?force=1");

    /// <summary>Ids of all containers, and the ids of the images they were made from.</summary>
    public async Task<IReadOnlyList<(string Id, string ImageId)>> ContainersAsync()
    {
        var list = await GetAsync("/v1.41/containers/json?all=1");
        return [.. list.Json.EnumerateArray().Select(c => (c.GetProperty("Id").GetString()!, c.GetProperty("ImageID").GetString()!))];
    }

    /// <summary>The state of a container: <c>created</c>, <c>running</c>, <c>exited</c>; null when there is none.</summary>
    public async Task<string?> StateAsync(string container)
    {
        var answer = await GetAsync($"/v1.41/containers/{container}/json");
        return answer.Succeeded ? answer.Json.GetProperty("State").GetProperty("Status").GetString() : null;
    }

    public void Dispose() => _client.Dispose();

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            request.Content = body is null ? new ByteArrayContent([]) : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _client.SendAsync(request);
        return new ApiAnswer($"{method} {path}", response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
