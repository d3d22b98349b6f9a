using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Tests.Hosting;

public sealed class SocketServing : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-");

    private string SocketPath => Path.Combine(_folder.FullName, "run", "s.sock");

    [Fact]
    public void The_path_of_a_passed_socket_is_found()
    {
        var path = Path.Combine(_folder.FullName, "with a blank.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var another = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Assert.Equal(path, PluginSocket.PathOf((int)listener.Handle));
        Assert.Null(PluginSocket.PathOf((int)another.Handle));
    }

    [Fact]
    public async Task A_connection_is_kept_between_questions_with_an_empty_host()
    {
        await using var server = await StartAsync(_ => Task.CompletedTask);
        using var client = Connect();
        for (var i = 0; i < 3; i++)
        {
            var answer = await AskAsync(client);
            Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Draining_answers_what_is_in_flight_and_says_close()
    {
        var inFlight = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var server = await StartAsync(async _ =>
        {
            inFlight.SetResult();
            await release.Task;
        });
        using var client = Connect();
        var answer = AskAsync(client);
        await inFlight.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var draining = server.DrainAsync(TimeProvider.System);
        await Task.Delay(50);
        release.SetResult();
        var text = await answer.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
        Assert.Contains("Connection: close", text, StringComparison.OrdinalIgnoreCase);
        await draining.WaitAsync(TimeSpan.FromSeconds(10));
        await server.DisposeAsync();
        Assert.ThrowsAny<SocketException>(() => Connect());
    }

    [Fact]
    public async Task A_question_on_an_idle_connection_just_after_draining_began_is_answered()
    {
        var server = await StartAsync(_ => Task.CompletedTask);
        using var client = Connect();
        await AskAsync(client);
        var draining = server.DrainAsync(TimeProvider.System);
        await Task.Delay(50);
        var answer = await AskAsync(client);
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        await draining.WaitAsync(TimeSpan.FromSeconds(10));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_socket_that_nobody_serves_any_more_is_replaced_and_a_served_one_is_not()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath));
        }

        await using var server = await StartAsync(_ => Task.CompletedTask);
        var problem = PluginSocket.Prepare(SocketPath);
        Assert.Contains("is served by another process already", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_hold_a_socket_is_one_sentence()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "file"), "");
        var problem = PluginSocket.Prepare(Path.Combine(_folder.FullName, "file", "s.sock"));
        Assert.Contains("cannot be used as a socket", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<UnixSocketServer> StartAsync(Func<HttpContext, Task> handle)
    {
        Assert.Null(PluginSocket.Prepare(SocketPath));
        var server = UnixSocketServer.Create(context => handle(context), SocketPath, passed: null, TimeSpan.FromSeconds(5));
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    /// <summary>As an engine up to 20.10 asks: an empty Host, no Content-Type.</summary>
    private static async Task<string> AskAsync(Socket socket)
    {
        await socket.SendAsync("POST /x HTTP/1.1\r\nHost: \r\nContent-Length: 2\r\n\r\n{}"u8.ToArray());
        var buffer = new byte[4096];
        var read = await socket.ReceiveAsync(buffer);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
