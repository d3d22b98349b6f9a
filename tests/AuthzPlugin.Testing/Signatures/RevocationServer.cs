using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthzPlugin.Testing.Signatures;

/// <summary>
/// Answers at a loopback port as OCSP responders and places of lists do, or as a test wants it: the whole HTTP answer is written by the test.
/// </summary>
public sealed class RevocationServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _accepting;

    public RevocationServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What a path answers, with the body of the request; what has no answer is 404.</summary>
    public ConcurrentDictionary<string, Func<byte[], Stream, CancellationToken, Task>> Answers { get; } = new();

    /// <summary>Method and path of the requests so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary><c>127.0.0.1:PORT</c>.</summary>
    public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public string Url(string path) => $"http://{Host}{path}";

    /// <summary>A 200 answer with a body that is made for each request.</summary>
    public void Set(string path, Func<byte[]> body) => Answers[path] = (_, stream, cancellation) => SendAsync(stream, body(), cancellation);

    /// <summary>Text of a whole answer, which need not be HTTP.</summary>
    public void SetRaw(string path, string text) => Answers[path] = async (_, stream, cancellation) =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancellation);

    public void ForgetRequests() => _requests.Clear();

    public static async Task SendAsync(Stream stream, byte[] body, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), cancellation);
        await stream.WriteAsync(body, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    // A question in a GET stands behind the path of the responder (RFC 6960 A.1).
    private Func<byte[], Stream, CancellationToken, Task>? Find(string path) =>
        Answers.GetValueOrDefault(path) ?? Answers.FirstOrDefault(a => path.StartsWith(a.Key + "/", StringComparison.Ordinal)).Value;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var (head, body) = await ReadAsync(stream);
                var parts = head.Split(' ');
                _requests.Enqueue($"{parts[0]} {parts[1]}");
                if (Find(parts[1]) is { } answer)
                {
                    await answer(body, stream, _stopping.Token);
                }
                else
                {
                    await stream.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), _stopping.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client had enough.
            }
        }
    }

    private async Task<(string Head, byte[] Body)> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. bytes]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var announced = end < 0 ? -1 : text.IndexOf("Content-Length: ", 0, end, StringComparison.OrdinalIgnoreCase);
            var length = announced < 0 ? 0 : int.Parse(text[(announced + 16)..text.IndexOf("\r\n", announced, StringComparison.Ordinal)], null);
            if (end >= 0 && bytes.Count >= end + 4 + length)
            {
                return (text[..end], [.. bytes.Skip(end + 4)]);
            }

            var read = await stream.ReadAsync(buffer, _stopping.Token);
            if (read == 0)
            {
                throw new IOException("the client went away");
            }

            bytes.AddRange(buffer.AsSpan(0, read));
        }
    }
}
