using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AuthzPlugin.Testing.Http;

/// <summary>
/// A server on a loopback port that answers every request with what a test writes to the connection, HTTP or not: what no proper server
/// library lets one send.
/// </summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly Task _accepting;

    /// <param name="answer">Writes the answer; the connection is closed after it.</param>
    public RawServer(Func<Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Heads of the requests so far.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>A server that sends these texts, one after another, with a pause before each.</summary>
    public static RawServer Sending(TimeSpan pause, params IEnumerable<string> texts) => new(async (stream, cancellation) =>
    {
        foreach (var text in texts)
        {
            await Task.Delay(pause, cancellation);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), cancellation);
            await stream.FlushAsync(cancellation);
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

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
                _requests.Enqueue(await ReadHeadAsync(stream));
                await _answer(stream, _stopping.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client had enough.
            }
        }
    }

    // Until the empty line, or until what comes is no HTTP (a TLS handshake).
    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, _stopping.Token);
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
            if (read == 0 || buffer[0] == 0x16)
            {
                break;
            }
        }

        return head.ToString();
    }
}
