using System.Text;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>The plugin protocol as engines speak it, on a raw socket. There is no engine: the service does not need one to start.</summary>
public sealed class Protocol(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Read = "/v1.41/containers/json";

    private LonePlugin _plugin = null!;

    public async Task InitializeAsync() => _plugin = await LonePlugin.StartAsync();

    public async Task DisposeAsync() => await _plugin.DisposeAsync();

    [Fact]
    public async Task The_service_starts_without_an_engine_and_its_socket_is_for_root_alone()
    {
        using var connection = await _plugin.ConnectAsync();

        var answer = await connection.AskAsync("", "/Plugin.Activate");

        Assert.Equal(200, answer.Status);
        Assert.Equal("""{"Implements":["authz"]}""", answer.Body);
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(_plugin.Socket), 8));
        Assert.Equal("755", Convert.ToString((int)File.GetUnixFileMode(Path.GetDirectoryName(_plugin.Socket)!), 8));
    }

    [Fact]
    public async Task A_start_while_the_engine_cannot_be_asked_is_denied()
    {
        using var connection = await _plugin.ConnectAsync();

        var answer = await connection.AskAsync(RawConnection.Question("POST", "/v1.41/containers/x/start"));

        Assert.False(answer.Allow);
        Assert.Contains("the engine's socket does not answer", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty, as dockerd repeats a broken question", "")]
    [InlineData("null", "null")]
    [InlineData("an empty object", "{}")]
    [InlineData("no JSON", "RequestMethod=GET")]
    [InlineData("half of it", """{"RequestMethod":"GET","RequestUri":"/v1.41/conta""")]
    [InlineData("no method", """{"RequestUri":"/_ping"}""")]
    [InlineData("no URI", """{"RequestMethod":"GET"}""")]
    [InlineData("a method of another type", """{"RequestMethod":1,"RequestUri":"/_ping"}""")]
    [InlineData("a body that is not base64", """{"RequestMethod":"GET","RequestUri":"/_ping","RequestBody":"%%%"}""")]
    [InlineData("the method twice", """{"RequestMethod":"POST","RequestMethod":"GET","RequestUri":"/_ping"}""")]
    [InlineData("an array", "[1,2,3]")]
    public async Task A_question_that_cannot_be_read_is_denied(string what, string body)
    {
        using var connection = await _plugin.ConnectAsync();

        var answer = await connection.AskAsync(body);

        Assert.Equal(200, answer.Status);
        Assert.False(answer.Allow, what);
        Assert.Contains("empty or unreadable", answer.Message, StringComparison.Ordinal);
        Assert.Contains("unreadable-message", _plugin.AuditLog.Tail(1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty, as 20.10 sends it", "Host: \r\n")]
    [InlineData("a name, as 28.5 sends it", "Host: plugin.moby.localhost\r\n")]
    public async Task Any_host_header_is_good(string what, string header)
    {
        using var connection = await _plugin.ConnectAsync();
        var body = RawConnection.Question("GET", Read);

        await connection.SendAsync($"POST /AuthZPlugin.AuthZReq HTTP/1.1\r\n{header}Content-Length: {body.Length}\r\n\r\n{body}");

        var answer = await connection.ReadAsync();
        Assert.True(answer is { Status: 200, Allow: true }, $"{what}: {answer}");
    }

    [Fact]
    public async Task A_question_in_small_chunks_is_read()
    {
        using var connection = await _plugin.ConnectAsync();
        await connection.SendAsync("POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var part in Encoding.ASCII.GetBytes(RawConnection.Question("GET", Read)).Chunk(7))
        {
            await connection.SendChunkAsync(part);
        }

        await connection.SendAsync("0\r\n\r\n");

        Assert.True((await connection.ReadAsync()).Allow);
    }

    [Fact]
    public async Task A_connection_lives_through_idle_seconds()
    {
        using var connection = await _plugin.ConnectAsync();
        Assert.True((await connection.AskAsync(RawConnection.Question("GET", Read))).Allow);

        Assert.False(await connection.IsClosedAsync(TimeSpan.FromSeconds(6)), "the plugin closed an idle connection");
    }

    [Fact]
    public async Task One_connection_carries_many_questions()
    {
        using var connection = await _plugin.ConnectAsync();
        for (var i = 0; i < 2000; i++)
        {
            var answer = await connection.AskAsync(RawConnection.Question(i % 2 == 0 ? "GET" : "POST", i % 2 == 0 ? Read : "/v1.41/no/such/thing"));
            Assert.Equal(i % 2 == 0, answer.Allow);
            Assert.False(answer.Closes);
        }
    }

    [Theory]
    [InlineData("the reply to a read", "GET", "/v1.41/images/json", 16)]
    [InlineData("a reply that nothing waits for", "POST", "/v1.41/containers/prune", 64)]
    public async Task A_report_of_64_MiB_is_drained_in_constant_memory(string what, string method, string uri, int mostMiB)
    {
        using var connection = await _plugin.ConnectAsync();
        await ReportAsync(connection, method, uri, 1);
        var before = _plugin.Service.Memory("VmHWM");

        await ReportAsync(connection, method, uri, 64);

        var grown = (_plugin.Service.Memory("VmHWM") - before) / 1024;
        output.WriteLine($"{what}: 64 MiB of report, and {grown} MiB more memory at most");
        Assert.True(grown <= mostMiB, $"a report of 64 MiB cost {grown} MiB of memory");
    }

    [Fact]
    public async Task A_question_above_the_limit_is_denied()
    {
        using var connection = await _plugin.ConnectAsync();
        await SendBigAsync(connection, "/AuthZPlugin.AuthZReq", "GET", "/_ping", "RequestBody", 20);

        var answer = await connection.ReadAsync();
        Assert.False(answer.Allow, answer.Body);
    }

    [Fact]
    public async Task Another_path_is_not_found_in_one_line()
    {
        using var connection = await _plugin.ConnectAsync();
        await connection.SendAsync("GET /anything HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n");

        Assert.False(await connection.IsClosedAsync(TimeSpan.FromSeconds(5)));
    }

    private static async Task ReportAsync(RawConnection connection, string method, string uri, int mebibytes)
    {
        await SendBigAsync(connection, "/AuthZPlugin.AuthZRes", method, uri, "ResponseBody", mebibytes);
        Assert.True((await connection.ReadAsync()).Allow);
    }

    private static async Task SendBigAsync(RawConnection connection, string path, string method, string uri, string member, int mebibytes)
    {
        await connection.SendAsync($"POST {path} HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n");
        await connection.SendChunkAsync(Encoding.ASCII.GetBytes($$"""{"RequestMethod":"{{method}}","RequestUri":"{{uri}}","ResponseStatusCode":200,"{{member}}":" """.TrimEnd()));
        var filler = Encoding.ASCII.GetBytes(new string('Q', 64 * 1024));
        for (var sent = 0; sent < mebibytes * 1024 * 1024; sent += filler.Length)
        {
            await connection.SendChunkAsync(filler);
        }

        await connection.SendChunkAsync("\"}\n"u8.ToArray());
        await connection.SendAsync("0\r\n\r\n");
    }
}
