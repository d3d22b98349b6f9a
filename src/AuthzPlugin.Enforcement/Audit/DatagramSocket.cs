using System.Net.Sockets;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Sends datagrams to a Unix socket without ever waiting. What the other side does not take at once is counted and lost.</summary>
public sealed class DatagramSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _to;
    private long _lost;

    /// <param name="path">The other side's socket; it may come later and go.</param>
    public DatagramSocket(string path) => _to = new UnixDomainSocketEndPoint(path);

    /// <summary>How many datagrams were not taken.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.SendTo(datagram, SocketFlags.None, _to);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _lost);
        }
    }

    public void Dispose() => _socket.Dispose();
}
