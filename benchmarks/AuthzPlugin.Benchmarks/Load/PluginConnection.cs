using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace AuthzPlugin.Benchmarks.Load;

/// <summary>
/// One kept connection to a plugin, as the engine has it. It blocks and allocates nothing for a question, so that what is measured
/// is the other side.
/// </summary>
internal sealed class PluginConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public PluginConnection(string path)
    {
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a whole request, waits for the whole answer, and says how long that took.</summary>
    /// <exception cref="InvalidOperationException">The answer is not that the request is allowed: a figure about it would mean nothing.</exception>
    public TimeSpan Ask(ReadOnlySpan<byte> request)
    {
        var started = Stopwatch.GetTimestamp();
        var body = Exchange(request);
        var took = Stopwatch.GetElapsedTime(started);
        return body.IndexOf("\"Allow\":true"u8) >= 0 || body.IndexOf("Implements"u8) >= 0
            ? took
            : throw new InvalidOperationException($"the plugin answered {Encoding.UTF8.GetString(body)}");
    }

    /// <summary>Likewise, for answers that may be refusals; says whether it is none.</summary>
    public bool TryAsk(ReadOnlySpan<byte> request, out TimeSpan took)
    {
        var started = Stopwatch.GetTimestamp();
        var body = Exchange(request);
        took = Stopwatch.GetElapsedTime(started);
        return body.IndexOf("\"Allow\":true"u8) >= 0;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The reason of the last answer, for a person.</summary>
    public string LastAnswer { get; private set; } = "";

    private ReadOnlySpan<byte> Exchange(ReadOnlySpan<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[_socket.Send(request)..];
        }

        int filled = 0, head = -1, length = 0;
        while (head < 0 || filled < head + length)
        {
            var read = _socket.Receive(_buffer.AsSpan(filled));
            if (read == 0)
            {
                throw new IOException("the plugin closed the connection");
            }

            filled += read;
            if (head < 0 && _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                head = end + 4;
                length = ReadLength(_buffer.AsSpan(0, head));
            }
        }

        var body = _buffer.AsSpan(head, length);
        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"the plugin answered {Encoding.UTF8.GetString(_buffer.AsSpan(0, filled))}");
        }

        if (body.IndexOf("\"Allow\":false"u8) >= 0)
        {
            LastAnswer = Encoding.UTF8.GetString(body);
        }

        return body;
    }

    private static int ReadLength(ReadOnlySpan<byte> head)
    {
        const int Missing = -1;
        var at = head.IndexOf("Content-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + "Content-Length: ".Length)..], out int length, out _) ? length : Missing;
    }
}
