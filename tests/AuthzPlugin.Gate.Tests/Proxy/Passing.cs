using System.Globalization;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Gate.Tests.Proxy;

/// <summary>Ordinary exchanges: what the engine sees and what the client gets.</summary>
public sealed class Passing : IAsyncDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly GateBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static string Get(string target, string headers = "") => $"GET {target} HTTP/1.1\r\nHost: d\r\n{headers}\r\n";

    [Fact]
    public async Task Requests_of_one_connection_go_over_one_connection_and_carry_the_gates_own_mark_alone()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync(Get("/a", "X-Content-Trust-Gate: forged\r\nX-Content-Trust-Call: forged\r\nX-Other: kept\r\n"));
        using var engine = await _bench.AcceptAsync();
        var head = await engine.HeadAsync();
        await engine.SendAsync(Ok);
        Assert.EndsWith("ok", await client.UntilAsync("ok"), StringComparison.Ordinal);
        await client.SendAsync(Get("/b"));
        var second = await engine.HeadAsync();

        Assert.DoesNotContain("forged", head, StringComparison.Ordinal);
        Assert.Contains("X-Other: kept\r\n", head, StringComparison.Ordinal);
        var mark = Regex.Match(head, "X-Content-Trust-Gate: ([0-9a-f]{64})\r\n");
        Assert.True(mark.Success);
        Assert.StartsWith("GET /b ", second, StringComparison.Ordinal);
        Assert.DoesNotContain(mark.Groups[1].Value, second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mark_names_the_caller_once_and_for_its_own_request_only()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync("POST /v1.41/containers/a/stop HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
        using var engine = await _bench.AcceptAsync();
        var id = Regex.Match(await engine.HeadAsync(), "X-Content-Trust-Gate: ([0-9a-f]{64})\r\n").Groups[1].Value;
        AuthZRequest Asked(string method, string uri, string mark) =>
            new(method, uri, new Dictionary<string, string> { [GatePasses.Header] = mark }, default, null, null);

        Assert.Null(_bench.Passes.TakeForRequest(Asked("POST", "/v1.41/containers/b/stop", id)));
        Assert.Null(_bench.Passes.TakeForResponse(Asked("POST", "/v1.41/containers/a/stop", id)));
        Assert.Null(_bench.Passes.TakeForRequest(Asked("POST", "/v1.41/containers/a/stop", new string('0', 64))));
        var pass = _bench.Passes.TakeForRequest(Asked("POST", "/v1.41/containers/a/stop", id));
        Assert.Equal((Environment.ProcessId, false), (pass!.Caller.Pid, pass.Inspected));
        Assert.Null(_bench.Passes.TakeForRequest(Asked("POST", "/v1.41/containers/a/stop", id)));
        Assert.NotNull(_bench.Passes.TakeForResponse(Asked("POST", "/v1.41/containers/a/stop", id)));
        await engine.SendAsync(Ok);
        await client.UntilAsync("ok");
        await Eventually(() => _bench.Passes.Count == 0);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync(Get("/1") + "POST /2 HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc" + Get("/3"));
        using var engine = await _bench.AcceptAsync();
        for (var i = 1; i <= 3; i++)
        {
            Assert.Contains($" /{i} ", await engine.HeadAsync(), StringComparison.Ordinal);
            if (i == 2)
            {
                await engine.UntilAsync("abc");
            }

            await engine.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na{i}");
            await client.UntilAsync($"a{i}");
        }
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n", "12345")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n0\r\nX-T: 1\r\n\r\n")]
    public async Task Bodies_pass_byte_for_byte_in_both_directions(string framing, string body)
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync($"POST /load HTTP/1.1\r\nHost: d\r\n{framing}\r\n{body}");
        using var engine = await _bench.AcceptAsync();
        Assert.Contains(framing, await engine.HeadAsync(), StringComparison.Ordinal);
        Assert.Equal(body, await engine.UntilAsync(body));
        await engine.SendAsync($"HTTP/1.1 200 OK\r\nServer: Docker/20\r\nX-Odd-CASE:  kept \r\n{framing}\r\n{body}");

        Assert.Equal($"HTTP/1.1 200 OK\r\nServer: Docker/20\r\nX-Odd-CASE: kept\r\n{framing}\r\n", await client.HeadAsync());
        Assert.Equal(body, await client.UntilAsync(body));
    }

    [Fact]
    public async Task A_stream_reaches_the_client_piece_by_piece_and_ends_when_the_client_goes()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync(Get("/events"));
        using var engine = await _bench.AcceptAsync();
        await engine.HeadAsync();
        await engine.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.HeadAsync();
        for (var i = 0; i < 3; i++)
        {
            await engine.SendAsync($"2\r\ne{i}\r\n");
            await client.UntilAsync($"e{i}\r\n");
        }

        client.Dispose();
        Assert.Equal("", await engine.ToEndAsync());
    }

    [Fact]
    public async Task A_client_that_waits_for_100_gets_the_engines()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync("POST /load HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
        using var engine = await _bench.AcceptAsync();
        Assert.Contains("Expect: 100-continue", await engine.HeadAsync(), StringComparison.Ordinal);
        await engine.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await client.HeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("abc");
        await engine.UntilAsync("abc");
        await engine.SendAsync(Ok);
        await client.UntilAsync("ok");
    }

    [Fact]
    public async Task An_answer_before_the_end_of_the_body_reaches_the_client_and_the_rest_is_no_request()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync("POST /load HTTP/1.1\r\nHost: d\r\nContent-Length: 5000\r\n\r\nabc");
        using var engine = await _bench.AcceptAsync();
        await engine.UntilAsync("abc");
        await engine.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        engine.Dispose();
        await client.UntilAsync("no");
        await client.SendAsync(Get("/smuggled"));

        Assert.Equal("", await client.ToEndAsync());
    }

    [Theory]
    [InlineData("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", "Connection: Upgrade\r\nUpgrade: tcp\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n", "")]
    public async Task After_an_attach_each_direction_ends_by_itself(string answer, string headers)
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync($"POST /v1.41/containers/a/attach?stdin=1 HTTP/1.1\r\nHost: d\r\n{headers}\r\n");
        using var engine = await _bench.AcceptAsync();
        await engine.HeadAsync();
        await engine.SendAsync(answer + "early");
        await client.UntilAsync("early");
        await client.SendAsync("stdin");
        await engine.UntilAsync("stdin");
        client.EndWriting();
        Assert.Equal("", await engine.ToEndAsync());

        // The client sends no more, and still reads.
        await engine.SendAsync("late");
        await client.UntilAsync("late");
        engine.EndWriting();
        Assert.Equal("", await client.ToEndAsync());
    }

    [Fact]
    public async Task The_engines_end_of_output_leaves_the_clients_input_open()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync("POST /exec/a/start HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n{}");
        using var engine = await _bench.AcceptAsync();
        await engine.UntilAsync("{}");
        await engine.SendAsync("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        await client.HeadAsync();
        engine.EndWriting();
        Assert.Equal("", await client.ToEndAsync());
        await client.SendAsync("still");
        await engine.UntilAsync("still");
    }

    [Fact]
    public async Task While_the_gate_drains_a_request_that_comes_late_is_answered_with_a_close()
    {
        using var kept = await _bench.ConnectAsync();
        await kept.SendAsync(Get("/1"));
        using var engine = await _bench.AcceptAsync();
        await engine.HeadAsync();
        await engine.SendAsync(Ok);
        Assert.DoesNotContain("Connection", await kept.UntilAsync("ok"), StringComparison.Ordinal);
        using var fresh = await _bench.ConnectAsync();
        await Eventually(() => _bench.Server.Open == 2);

        // Neither has a request under way when it begins.
        var draining = _bench.Server.DrainAsync(TimeSpan.FromMinutes(1));
        await kept.SendAsync(Get("/2"));
        await engine.HeadAsync();
        await engine.SendAsync(Ok);
        Assert.Contains("Connection: close\r\n", await kept.ToEndAsync(), StringComparison.Ordinal);
        await fresh.SendAsync(Get("/3"));
        using var second = await _bench.AcceptAsync();
        await second.HeadAsync();
        await second.SendAsync(Ok);
        Assert.Contains("Connection: close\r\n", await fresh.ToEndAsync(), StringComparison.Ordinal);
        await draining;
    }

    [Fact]
    public async Task The_drain_ends_idle_connections_by_itself_and_streams_at_its_limit()
    {
        using var idle = await _bench.ConnectAsync();
        await Eventually(() => _bench.Server.Open == 1);
        await _bench.Server.DrainAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("", await idle.ToEndAsync());

        await using var another = new GateBench();
        using var client = await another.ConnectAsync();
        await client.SendAsync(Get("/events"));
        using var engine = await another.AcceptAsync();
        await engine.HeadAsync();
        await engine.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ne1\r\n");
        await client.UntilAsync("e1\r\n");
        await another.Server.DrainAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("", await client.ToEndAsync());
    }

    [Fact]
    public async Task Without_an_engine_the_answer_says_so_and_the_next_request_finds_the_new_one()
    {
        using var client = await _bench.ConnectAsync();
        _bench.StopEngine();
        await client.SendAsync(Get("/_ping"));
        Assert.StartsWith("HTTP/1.1 503 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.Contains("Cannot connect to the Docker daemon at unix://", await client.UntilAsync("}\n"), StringComparison.Ordinal);

        _bench.StartEngine();
        await client.SendAsync(Get("/_ping"));
        using (var engine = await _bench.AcceptAsync())
        {
            await engine.HeadAsync();
            await engine.SendAsync(Ok);
            await client.UntilAsync("ok");
        }

        // It ended the kept connection; a new one is made.
        await client.SendAsync(Get("/_ping"));
        using var again = await _bench.AcceptAsync();
        await again.HeadAsync();
        await again.SendAsync(Ok);
        await client.UntilAsync("ok");
    }

    [Fact]
    public async Task An_engine_that_goes_away_without_an_answer_is_an_error_and_not_a_silence()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync("POST /containers/a/wait HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
        var engine = await _bench.AcceptAsync();
        await engine.HeadAsync();
        engine.Dispose();

        Assert.StartsWith("HTTP/1.1 503 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.Contains("went away before it answered", await client.UntilAsync("}\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_goes_away_within_an_answer_breaks_the_answer_off()
    {
        using var client = await _bench.ConnectAsync();
        await client.SendAsync(Get("/images/a/get"));
        var engine = await _bench.AcceptAsync();
        await engine.HeadAsync();
        await engine.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        engine.Dispose();

        Assert.EndsWith("abc\r\n", await client.ToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_idle_streams_are_held_in_little_memory(/* Each is a client's events, with nothing happening. */)
    {
        const int Streams = 1000;
        var clients = new List<GateBench.Wire>();
        var engines = new List<GateBench.Wire>();
        var before = Managed();
        for (var i = 0; i < Streams; i++)
        {
            clients.Add(await _bench.ConnectAsync());
            await clients[i].SendAsync(Get("/events"));
            engines.Add(await _bench.AcceptAsync());
            await engines[i].HeadAsync();
            await engines[i].SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            await clients[i].HeadAsync();
        }

        // The test's own ends have a buffer of 64 KiB each.
        var kibibytes = (Managed() - before - (Streams * 2 * 65536L)) / 1024 / Streams;
        for (var i = 0; i < Streams; i++)
        {
            await engines[i].SendAsync("1\r\nx\r\n");
            await clients[i].UntilAsync("x\r\n");
        }

        clients.ForEach(c => c.Dispose());
        engines.ForEach(e => e.Dispose());
        Assert.True(kibibytes < 64, string.Create(CultureInfo.InvariantCulture, $"{kibibytes} KiB for each idle stream"));
    }

    private static long Managed() => GC.GetTotalMemory(forceFullCollection: true);

    private static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 200 && !condition(); i++)
        {
            await Task.Delay(20);
        }

        Assert.True(condition());
    }
}
