using System.Net;
using System.Security.Cryptography;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Gate.Tests.Http2;

/// <summary>The platform's HTTP/2 client, our two connections, the platform's HTTP/2 server: everything that gRPC needs passes.</summary>
public sealed class BridgedCalls : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new(Limit);
    private readonly List<IDisposable> _parts = [];
    private PlatformServer? _server;
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task Headers_data_and_trailers_both_ways()
    {
        using var client = await BridgeAsync(async context =>
        {
            context.Response.Headers["x-echo"] = context.Request.Headers["x-sent"];
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await context.Response.WriteAsync(body + "!");
            context.Response.AppendTrailer("grpc-status", "0");
        });
        using var request = Post("hello");
        request.Headers.Add("x-sent", "a b");
        using var answer = await client.SendAsync(request, _stop.Token);

        Assert.Equal("hello!", await answer.Content.ReadAsStringAsync());
        Assert.Equal("a b", answer.Headers.GetValues("x-echo").Single());
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task An_answer_of_headers_alone_stays_one()
    {
        using var client = await BridgeAsync(context =>
        {
            context.Response.Headers["grpc-status"] = "7";
            return Task.CompletedTask;
        });
        using var answer = await client.SendAsync(Post("x"), _stop.Token);
        Assert.Equal("7", answer.Headers.GetValues("grpc-status").Single());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Messages_go_back_and_forth_in_one_call()
    {
        using var client = await BridgeAsync(async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            var buffer = new byte[100];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                await context.Response.Body.FlushAsync();
            }
        });
        var content = new TalkContent();
        using var answer = await client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/x") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content },
            HttpCompletionOption.ResponseHeadersRead,
            _stop.Token);
        await using var back = await answer.Content.ReadAsStreamAsync();
        var to = await content.Stream.Task;
        var buffer = new byte[100];
        for (var i = 0; i < 10; i++)
        {
            await to.WriteAsync(new byte[] { (byte)i });
            await to.FlushAsync();
            Assert.Equal(1, await back.ReadAsync(buffer));
            Assert.Equal(i, buffer[0]);
        }

        content.Done.SetResult();
        Assert.Equal(0, await back.ReadAsync(buffer));
    }

    [Fact]
    public async Task Bodies_far_beyond_every_window_arrive_whole()
    {
        const int Size = 48 * 1024 * 1024;
        using var client = await BridgeAsync(async context =>
        {
            using var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy);
            await context.Response.Body.WriteAsync(copy.GetBuffer().AsMemory(0, (int)copy.Length));
        });
        var sent = RandomNumberGenerator.GetBytes(Size);
        using var request = Post("");
        request.Content = new ByteArrayContent(sent);
        using var answer = await client.SendAsync(request, _stop.Token);
        Assert.Equal(SHA256.HashData(sent), SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
    }

    [Fact]
    public async Task One_call_that_nobody_reads_does_not_stop_the_others()
    {
        var stuck = new TaskCompletionSource();
        using var client = await BridgeAsync(async context =>
        {
            if (context.Request.Path == "/stuck")
            {
                await stuck.Task;
            }

            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        using var blocked = Post("");
        blocked.RequestUri = new Uri("http://x/stuck");
        blocked.Content = new ByteArrayContent(new byte[8 * 1024 * 1024]);
        var waiting = client.SendAsync(blocked, _stop.Token);
        for (var i = 0; i < 20; i++)
        {
            using var request = Post(new string('x', 500_000));
            using var answer = await client.SendAsync(request, _stop.Token);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.False(waiting.IsCompleted);
        stuck.SetResult();
        (await waiting).Dispose();
    }

    // A call that was asked whole, as a build is, is cancelled like one that was not.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_gives_up_cancels_the_call_at_the_server(bool wholeRequest)
    {
        var (arrived, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var client = await BridgeAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.TrySetResult());
            if (wholeRequest)
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }

            arrived.SetResult();
            await cancelled.Task;
        });
        using var giveUp = new CancellationTokenSource();
        using var request = Post("x");
        request.Content = wholeRequest ? request.Content : new TalkContent();
        var call = client.SendAsync(request, giveUp.Token);
        await arrived.Task.WaitAsync(Limit);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        // Well before the end of the test's connections, which would cancel it too.
        await cancelled.Task.WaitAsync(Limit / 3);
    }

    [Fact]
    public async Task A_reset_of_the_server_reaches_the_client()
    {
        using var client = await BridgeAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset((int)Http2ErrorCode.EnhanceYourCalm);
            return Task.CompletedTask;
        });
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(Post("x"), _stop.Token));
        Assert.Contains("ENHANCE_YOUR_CALM", error.ToString(), StringComparison.Ordinal);
    }

    // What the platform's client cannot send, and file transfers need.
    [Fact]
    public async Task Repeated_fields_and_many_of_them_arrive_apart()
    {
        IReadOnlyList<string?> seen = [];
        _server = await PlatformServer.StartAsync(context =>
        {
            seen = [.. context.Request.Headers["exclude-patterns"]];
            return Task.CompletedTask;
        });
        var (client, caller) = DuplexPair.Create();
        Run(caller, await _server.ConnectAsync());
        using var connection = Http2Connection.Client(client);
        var running = connection.RunAsync(_stop.Token);
        string[] patterns = ["*.o", "a, b", .. Enumerable.Range(0, 90).Select(i => $"ignored-{i}")];
        HeaderField[] headers =
        [
            new(":method", "POST"), new(":scheme", "http"), new(":path", "/"), new(":authority", "x"),
            .. patterns.Select(p => new HeaderField("exclude-patterns", p)),
        ];
        using var stream = await connection.OpenAsync(headers, end: true, _stop.Token);
        Assert.Contains(new HeaderField(":status", "200"), await stream.ReadHeadersAsync(_stop.Token));
        Assert.Equal(patterns, seen);
        Assert.False(running.IsFaulted);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _parts.ForEach(p => p.Dispose());
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task<HttpClient> BridgeAsync(RequestDelegate handle)
    {
        _server = await PlatformServer.StartAsync(handle);
        var (client, caller) = DuplexPair.Create();
        Run(caller, await _server.ConnectAsync());
        var handler = new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult(client) };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri("http://x"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    private void Run(Stream caller, Stream callee)
    {
        var bridge = new GrpcBridge(caller, callee, NullLogger.Instance);
        _parts.AddRange([bridge, callee]);
        _running = bridge.RunAsync((call, ended) => StreamRelay.PassAsync(call, bridge.Callee, ended), _stop.Token);
    }

    private static HttpRequestMessage Post(string body) => new(HttpMethod.Post, "/x")
    {
        Content = new StringContent(body),
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private sealed class TalkContent : HttpContent
    {
        public TaskCompletionSource<Stream> Stream { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            Stream.SetResult(stream);
            await Done.Task.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
