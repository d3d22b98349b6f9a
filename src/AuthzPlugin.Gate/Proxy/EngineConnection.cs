using System.Net.Sockets;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>One connection to the engine's private socket.</summary>
internal sealed class EngineConnection : IDisposable
{
    private readonly Socket _socket;

    private EngineConnection(Socket socket)
    {
        _socket = socket;
        Reader = new SocketReader(socket);
        Stream = new DuplexStream(socket, Reader);
    }

    public SocketReader Reader { get; }

    public DuplexStream Stream { get; }

    /// <summary>Nothing came since the last answer, not even an end: it may be used for another request.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return Reader.Available.IsEmpty && !_socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <exception cref="EngineGoneException">Nobody listens there.</exception>
    public static async ValueTask<EngineConnection> OpenAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { SendBufferSize = WireLimits.SendBufferBytes };
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new EngineConnection(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new EngineGoneException(
                $"Cannot connect to the Docker daemon at unix://{path} behind the content-trust gate. Is the docker daemon running?", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        // The socket first: what still reads ends then, and only then its buffer may go.
        _socket.Dispose();
    }
}

/// <summary>The engine cannot be reached, or went away. The message is a whole sentence for the user, in the words of the Docker CLI.</summary>
public sealed class EngineGoneException(string message, Exception? inner = null) : IOException(message, inner);
