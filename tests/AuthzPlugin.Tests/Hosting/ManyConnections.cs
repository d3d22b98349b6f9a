using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Tests.Hosting;

public sealed class ManyConnections : IDisposable
{
    private const int Connections = 5000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-");

    [Fact]
    public async Task Five_thousand_connections_at_once_are_all_answered()
    {
        var path = Path.Combine(_folder.FullName, "s.sock");
        await using var server = UnixSocketServer.Create(_ => Task.CompletedTask, path, null, TimeSpan.FromSeconds(5));
        await server.StartAsync(CancellationToken.None);
        var clients = new Socket[Connections];
        try
        {
            // Connecting blocks while the queue of the listening socket is full, as it does for the engine.
            Parallel.For(0, Connections, i =>
            {
                clients[i] = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
                clients[i].Connect(new UnixDomainSocketEndPoint(path));
            });
            foreach (var client in clients)
            {
                client.Send("POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\n\r\n"u8);
            }

            var answer = new byte[1024];
            Assert.All(clients, client => Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, client.Receive(answer)), StringComparison.Ordinal));
        }
        finally
        {
            Array.ForEach(clients, client => client?.Dispose());
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
