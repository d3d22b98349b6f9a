using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>An answer as it came; <see cref="Status"/> is 0 when none came in time.</summary>
public sealed record RawAnswer(int Status, string Text)
{
    public override string ToString() => Status == 0 && Text.Length == 0 ? "(no answer)" : Text.Length > 600 ? Text[..600] + "..." : Text;
}

/// <summary>Bytes to and from the engine's socket, with nothing in between that could correct them.</summary>
public sealed partial class RawConnection(string path) : IDisposable
{
    private readonly Socket _socket = Connect(path);

    public async Task SendAsync(string bytes)
    {
        try
        {
            await _socket.SendAsync(Encoding.Latin1.GetBytes(bytes));
        }
        catch (SocketException)
        {
            // The engine has answered and closed already; the answer says why.
        }
    }

    /// <summary>Reads one whole answer, or what came until the limit.</summary>
    public async Task<RawAnswer> ReceiveAsync(TimeSpan limit)
    {
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        using var timer = new CancellationTokenSource(limit);
        try
        {
            int count;
            while (!IsComplete(text.ToString()) && (count = await _socket.ReceiveAsync(buffer, timer.Token)) > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (SocketException)
        {
        }

        var answer = WithoutInterim(text.ToString());
        return new RawAnswer(StatusLine().Match(answer) is { Success: true } m ? int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) : 0, answer);
    }

    public static async Task<RawAnswer> ExchangeAsync(string path, string bytes, TimeSpan limit)
    {
        using var connection = new RawConnection(path);
        await connection.SendAsync(bytes);
        return await connection.ReceiveAsync(limit);
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static string WithoutInterim(string text)
    {
        const string Interim = "HTTP/1.1 100 Continue\r\n\r\n";
        return text.StartsWith(Interim, StringComparison.Ordinal) ? text[Interim.Length..] : text;
    }

    private static bool IsComplete(string received)
    {
        var text = WithoutInterim(received);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var head = text[..end];
        return NoBody().IsMatch(head)
            || (ContentLength().Match(head) is { Success: true } length
                && text.Length - end - 4 >= int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture))
            || (head.Contains("chunked", StringComparison.OrdinalIgnoreCase) && text.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\AHTTP/1\.[01] (\d{3})", RegexOptions.CultureInvariant)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\AHTTP/1\.[01] (101|204|304)", RegexOptions.CultureInvariant)]
    private static partial Regex NoBody();

    [GeneratedRegex(@"\r\nContent-Length: (\d+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ContentLength();
}
