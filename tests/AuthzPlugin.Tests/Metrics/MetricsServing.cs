using System.Net;
using System.Net.Sockets;
using System.Text;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Tests.Metrics;

/// <summary>The socket that metrics are read from.</summary>
#pragma warning disable CA1001 // xunit calls IAsyncLifetime.DisposeAsync.
public sealed class MetricsServing : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-");
    private readonly ServiceMeter _meter = new(() => null, TimeProvider.System);
    private MetricStore _store = null!;
    private MetricsServer _unix = null!;
    private MetricsServer _tcp = null!;
    private IPEndPoint _address = null!;

    private string SocketPath => Path.Combine(_folder.FullName, "run", "metrics.sock");

    public async Task InitializeAsync()
    {
        _store = new MetricStore(_meter);
        _address = FreePort();
        _unix = MetricsServer.Create(new MetricsEndpoint(_store, anyHost: true), new UnixDomainSocketEndPoint(SocketPath));
        _tcp = MetricsServer.Create(new MetricsEndpoint(_store, anyHost: false), _address);
        Assert.Null(await _unix.StartAsync(CancellationToken.None));
        Assert.Null(await _tcp.StartAsync(CancellationToken.None));
    }

    public async Task DisposeAsync()
    {
        await _unix.DisposeAsync();
        await _tcp.DisposeAsync();
        _store.Dispose();
        _meter.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("over the socket", false)]
    [InlineData("over the port", true)]
    public async Task Metrics_are_read_with_the_content_type_of_prometheus(string what, bool tcp)
    {
        _meter.Trust.Answered("cache");

        var answer = await AskAsync(tcp, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", answer, StringComparison.Ordinal);
        Assert.True(answer.Contains("content_trust_trust_data_answers_total{source=\"cache\"} 1\n", StringComparison.Ordinal), what);
    }

    [Theory]
    [InlineData("another path", "GET /", 404)]
    [InlineData("a path below", "GET /metrics/x", 404)]
    [InlineData("the plugin protocol", "POST /AuthZPlugin.AuthZReq", 404)]
    [InlineData("the admin socket's status", "GET /status", 404)]
    [InlineData("a POST", "POST /metrics", 405)]
    [InlineData("a HEAD", "HEAD /metrics", 405)]
    [InlineData("a DELETE", "DELETE /metrics", 405)]
    public async Task Nothing_else_is_served(string what, string request, int status)
    {
        var answer = await AskAsync(tcp: false, $"{request} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");

        Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.DoesNotContain("content_trust_", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:9464", true)]
    [InlineData("127.0.0.1:9464", true)]
    [InlineData("[::1]:9464", true)]
    [InlineData("attacker.example", false)]
    [InlineData("", false)]
    public async Task A_page_in_a_browser_cannot_read_the_port_by_a_name_of_its_own(string host, bool answers)
    {
        var answer = await AskAsync(tcp: true, $"GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.Equal(answers, answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
        Assert.Equal(answers, answer.Contains("# TYPE content_trust_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_with_a_body_or_large_headers_is_refused()
    {
        Assert.StartsWith("HTTP/1.1 431", await AskAsync(false, $"GET /metrics HTTP/1.1\r\nHost: x\r\nX: {new string('x', 9000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 4", await AskAsync(false, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_do_not_end_cost_seconds_and_connections_are_few()
    {
        using var slow = Connect(tcp: false);
        await slow.SendAsync("GET /metrics HTTP/1.1\r\nHost:"u8.ToArray());
        var others = Enumerable.Range(0, 20).Select(_ => Connect(tcp: false)).ToArray();
        try
        {
            var last = others[^1];
            await last.SendAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
            Assert.Equal("", await ReadAsync(last));
            Assert.StartsWith("HTTP/1.1 408", await ReadAsync(slow), StringComparison.Ordinal);
        }
        finally
        {
            Array.ForEach(others, o => o.Dispose());
        }
    }

    [Fact]
    public void The_socket_is_for_root_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));

    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence()
    {
        await using var second = MetricsServer.Create(new MetricsEndpoint(_store, anyHost: false), _address);

        var problem = await second.StartAsync(CancellationToken.None);

        Assert.Contains("address already in use", problem, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\n", problem, StringComparison.Ordinal);
    }

    internal static IPEndPoint FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    private Socket Connect(bool tcp)
    {
        EndPoint endpoint = tcp ? _address : new UnixDomainSocketEndPoint(SocketPath);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(endpoint);
        return socket;
    }

    private async Task<string> AskAsync(bool tcp, string request)
    {
        using var socket = Connect(tcp);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        return await ReadAsync(socket);
    }

    /// <summary>To the end of the connection.</summary>
    private static async Task<string> ReadAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var text = new StringBuilder();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, limit.Token) is > 0 and var read)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return text.ToString();
        }

        return text.ToString();
    }
}
