using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What systemd is told, and what SIGTERM does.</summary>
public sealed class Systemd : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ct-notify-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Systemd_is_told_that_the_service_is_ready_alive_and_stopping()
    {
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var path = Path.Combine(_folder, "notify");
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        await using var plugin = await LonePlugin.StartAsync(new() { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "400000" });

        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("WATCHDOG=1", await ReceiveAsync(systemd));
        }

        var stopped = plugin.Service.StopAsync();
        var last = await ReceiveAsync(systemd);
        while (last == "WATCHDOG=1")
        {
            last = await ReceiveAsync(systemd);
        }

        Assert.Equal("STOPPING=1", last);
        Assert.Equal(0, await stopped);
    }

    [Fact]
    public async Task Sigterm_answers_what_is_in_flight_with_connection_close()
    {
        await using var plugin = await LonePlugin.StartAsync();
        using var connection = await plugin.ConnectAsync();
        var question = RawConnection.Question("GET", "/_ping");
        await connection.SendAsync($"POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: \r\nContent-Length: {question.Length}\r\n\r\n{question[..10]}");
        await WaitUntilReadAsync(plugin);

        var stopped = plugin.Service.StopAsync();
        await WaitUntilStoppingAsync(plugin);
        await Task.Delay(TimeSpan.FromMilliseconds(700));
        Assert.True(plugin.Service.Runs, "it ended with a question in flight");
        await connection.SendAsync(question[10..]);

        var answer = await connection.ReadAsync();
        Assert.True(answer is { Allow: true, Closes: true }, $"{answer}");
        Assert.True(await connection.IsClosedAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal(0, await stopped);
    }

    [Fact]
    public async Task Sigterm_still_answers_a_question_on_an_idle_connection_and_then_closes_it()
    {
        await using var plugin = await LonePlugin.StartAsync();
        using var connection = await plugin.ConnectAsync();
        Assert.False((await connection.AskAsync(RawConnection.Question("GET", "/_ping"))).Closes);

        var stopped = plugin.Service.StopAsync();
        await WaitUntilStoppingAsync(plugin);

        Assert.True((await connection.AskAsync(RawConnection.Question("GET", "/_ping"))).Closes);
        Assert.Equal(0, await stopped);
    }

    [Fact]
    public async Task Sigterm_closes_idle_connections_and_ends_soon()
    {
        await using var plugin = await LonePlugin.StartAsync();
        using var connection = await plugin.ConnectAsync();
        await connection.AskAsync(RawConnection.Question("GET", "/_ping"));

        Assert.Equal(0, await plugin.Service.StopAsync().WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.True(await connection.IsClosedAsync(TimeSpan.FromSeconds(1)));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[256];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    // The service has taken the beginning of the question when it is not in the socket any more; there is no sign of that outside.
    private static Task WaitUntilReadAsync(LonePlugin plugin)
    {
        Assert.True(plugin.Service.Runs);
        return Task.Delay(TimeSpan.FromMilliseconds(500));
    }

    private static Task WaitUntilStoppingAsync(LonePlugin plugin) =>
        Wait.UntilAsync("the log says that it stops", () => plugin.Log.Tail(5).Contains("stopping", StringComparison.Ordinal));
}
