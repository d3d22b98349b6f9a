using System.Buffers.Binary;
using System.Net.Sockets;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>Who is at the other end of a Unix socket, as the kernel noted it when the connection was made.</summary>
internal static class PeerCredentials
{
    // From <asm-generic/socket.h>; struct ucred is pid, uid, gid of four bytes each.
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;
    private const int UidOffset = 4;
    private const int GidOffset = 8;
    private const int Size = 12;

    /// <exception cref="SocketException">The socket has no such peer.</exception>
    public static (int Pid, uint Uid, uint Gid) Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[Size];
        var length = socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, credentials);
        return length == Size
            ? (Read(credentials), unchecked((uint)Read(credentials[UidOffset..])), unchecked((uint)Read(credentials[GidOffset..])))
            : throw new SocketException((int)SocketError.OperationNotSupported);
    }

    private static int Read(ReadOnlySpan<byte> bytes) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : BinaryPrimitives.ReadInt32BigEndian(bytes);
}
