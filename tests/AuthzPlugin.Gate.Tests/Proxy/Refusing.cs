using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Gate.Tests.Proxy;

/// <summary>What never reaches the engine, and what the client is told.</summary>
public sealed class Refusing
{
    [Theory]
    [InlineData("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505", "speaks HTTP/2")]
    [InlineData("TLS", "\u0016\u0003\u0001", "400", "does not begin like HTTP/1.1")]
    [InlineData("bare LF", "GET / HTTP/1.1\n", "400", "CR LF")]
    [InlineData("no upgrade elsewhere", "POST /containers/create HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n", "403", "switched to tcp")]
    [InlineData("no h2c elsewhere", "POST /containers/a/attach HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", "403", "switched to h2c")]
    [InlineData("unknown protocol", "GET /info HTTP/1.1\r\nHost: d\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n", "403", "authorization denied by content-trust gate: ")]
    public async Task A_request_is_refused_with_its_reason(string name, string request, string status, string reason)
    {
        await using var bench = new GateBench();
        using var client = await bench.ConnectAsync();
        await client.SendAsync(request);
        var head = await client.HeadAsync();

        Assert.True(head.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{name}: {head}");
        Assert.Contains(reason, await client.UntilAsync("}\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_with_a_broken_coding_is_refused_and_the_engine_never_sees_its_end()
    {
        await using var bench = new GateBench();
        using var client = await bench.ConnectAsync();
        await client.SendAsync("POST /images/load HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        using var engine = await bench.AcceptAsync();
        await engine.UntilAsync("abc\r\n");
        await client.SendAsync("1;ext\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("0\r\n\r\n", await engine.ToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_does_not_end_in_time_is_refused_and_an_idle_connection_is_not()
    {
        await using var bench = new GateBench(p => p with { HeadTimeout = TimeSpan.FromMilliseconds(200) });
        using var idle = await bench.ConnectAsync();
        using var slow = await bench.ConnectAsync();
        await slow.SendAsync("GET / HTTP/1.1\r\nHo");
        Assert.StartsWith("HTTP/1.1 408 ", await slow.HeadAsync(), StringComparison.Ordinal);

        await idle.SendAsync("GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n");
        using var engine = await bench.AcceptAsync();
        Assert.StartsWith("GET /_ping ", await engine.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_too_many_is_told_so_and_the_others_are_served()
    {
        await using var bench = new GateBench(p => p with { MaxConnections = 1 });
        using var first = await bench.ConnectAsync();
        await first.SendAsync("GET /1 HTTP/1.1\r\nHost: d\r\n\r\n");
        using var engine = await bench.AcceptAsync();
        using var second = await bench.ConnectAsync();

        Assert.Contains("as many connections as it may", await second.ToEndAsync(), StringComparison.Ordinal);
        await engine.HeadAsync();
        await engine.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 204 ", await first.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BuildKit_is_refused_here_when_nobody_inspects_it()
    {
        await using var bench = new GateBench();
        bench.Policy = bench.Policy with { Builds = PolicyAnswer.Gate };
        using var client = await bench.ConnectAsync();
        await client.SendAsync("POST /v1.41/grpc HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", await client.HeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handlers_refusal_and_its_own_requests_reach_both_sides()
    {
        await using var bench = new GateBench(p => p with
        {
            Builds = async (exchange, cancellation) =>
            {
                if (exchange.Route!.Query!["t"] == "no")
                {
                    await exchange.RefuseAsync("Dockerfile:1 names an unsigned image; sign it", cancellation);
                    return;
                }

                await exchange.ForwardAsync(exchange.Head with { Target = exchange.Head.Target + "&x=1" }, exchange.Body, true, null, cancellation);
            },
        });
        bench.Policy = bench.Policy with { Builds = PolicyAnswer.Gate };
        using var client = await bench.ConnectAsync();
        await client.SendAsync("POST /build?t=no HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await client.HeadAsync(), StringComparison.Ordinal);
        Assert.Equal(
            """{"message":"authorization denied by content-trust gate: Dockerfile:1 names an unsigned image; sign it"}""" + "\n", await client.UntilAsync("\n"));

        await client.SendAsync("POST /build?t=yes HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 100 ", await client.HeadAsync(), StringComparison.Ordinal);
        await client.SendAsync("tar");
        using var engine = await bench.AcceptAsync();
        var head = await engine.HeadAsync();
        Assert.StartsWith("POST /build?t=yes&x=1 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Expect", head, StringComparison.Ordinal);
        await engine.UntilAsync("3\r\ntar\r\n0\r\n\r\n");
        await engine.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone");
        await client.UntilAsync("4\r\ndone\r\n0\r\n\r\n");
    }
}
