using System.Net.Sockets;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>HTTP over a Unix socket: no proxy, no redirects, no cookies.</summary>
public static class UnixSocketHttp
{
    /// <param name="path">The socket; it is connected to anew for every connection, so the service behind it may restart.</param>
    public static SocketsHttpHandler Handler(string path) => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(3),
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };
}
