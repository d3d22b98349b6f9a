using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>An answer of the plugin as it is on the wire.</summary>
public sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public bool Allow => Json.GetProperty(nameof(Allow)).GetBoolean();

    public string Message => Json.GetProperty("Msg").GetString()!;

    public bool Closes => Headers.TryGetValue("Connection", out var value) && value == "close";

    private JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);
}

/// <summary>HTTP/1.1 written byte by byte, as engines write it to plugins.</summary>
public sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly NetworkStream _stream;

    private RawConnection(NetworkStream stream) => _stream = stream;

    public static async Task<RawConnection> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new RawConnection(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>The engine's question about a request, as JSON.</summary>
    public static string Question(string method, string uri) => $$"""{"RequestMethod":"{{method}}","RequestUri":"{{uri}}"}""" + "\n";

    /// <summary>The question about creating a container of an image.</summary>
    public static string CreateQuestion(string image)
    {
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"Image":"{{image}}"}"""));
        return $$$"""{"RequestMethod":"POST","RequestUri":"/v1.41/containers/create","RequestHeaders":{"Content-Type":"application/json"},"RequestBody":"{{{body}}}"}""" + "\n";
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes).AsTask().WaitAsync(Limit);

    /// <summary>One message with <c>Content-Length</c>, as dockerd 20.10 sends it: the Host header is empty, and there is no Content-Type.</summary>
    public async Task<RawAnswer> AskAsync(string body, string path = "/AuthZPlugin.AuthZReq")
    {
        await SendAsync($"POST {path} HTTP/1.1\r\nHost: \r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: {Encoding.Latin1.GetByteCount(body)}\r\n\r\n{body}");
        return await ReadAsync();
    }

    public async Task SendChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        await SendAsync(bytes);
        await SendAsync("\r\n");
    }

    public async Task<RawAnswer> ReadAsync()
    {
        var head = await ReadHeadAsync();
        var lines = head.Split("\r\n");
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(body).AsTask().WaitAsync(Limit);
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, Encoding.UTF8.GetString(body));
    }

    /// <summary>Whether the other side closes within the time, without another word.</summary>
    public async Task<bool> IsClosedAsync(TimeSpan within)
    {
        try
        {
            return await _stream.ReadAsync(new byte[1]).AsTask().WaitAsync(within) == 0;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public void Dispose() => _stream.Dispose();

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(one).AsTask().WaitAsync(Limit) == 0)
            {
                throw new IOException($"the plugin closed the connection after: {head}");
            }

            head.Append((char)one[0]);
        }

        return head.ToString().TrimEnd();
    }
}
