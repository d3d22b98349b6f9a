using System.Collections.Concurrent;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Tests.BuildKit;

/// <summary>The engine's side of <c>POST /grpc</c>, played by a test: it obeys source policies or not, and keeps what it was asked.</summary>
internal sealed class PlayedEngine : IDisposable
{
    private const string Canary = "content-trust/canary";

    private readonly Http2Connection _connection;

    public PlayedEngine(Stream transport, CancellationToken stop)
    {
        _connection = Http2Connection.Server(transport);
        _ = _connection.RunAsync(stop);
        _ = ServeAsync(stop);
    }

    public bool Obeys { get; init; } = true;

    public SolveResponse Response { get; init; } = new();

    public ConcurrentQueue<SolveRequest> Solves { get; } = [];

    public ConcurrentQueue<string> Others { get; } = [];

    public void Dispose() => _connection.Dispose();

    private async Task ServeAsync(CancellationToken stop)
    {
        await foreach (var call in _connection.Incoming.ReadAllAsync(stop))
        {
            _ = Task.Run(() => AnswerAsync(call, stop), stop);
        }
    }

    private async Task AnswerAsync(Http2Stream call, CancellationToken stop)
    {
        var path = (await call.ReadHeadersAsync(stop)).First(f => f.Name == ":path").Value;
        if (path != "/moby.buildkit.v1.Control/Solve")
        {
            Others.Enqueue(path);
            await GrpcStatus.EndAsync(call, GrpcStatusCode.Ok, "", stop);
            return;
        }

        var request = await GrpcMessages.ReadOnlyAsync(call, SolveRequest.Parser, stop);
        if (request.Definition?.Def.Any(d => d.ToStringUtf8().Contains(Canary, StringComparison.Ordinal)) == true)
        {
            await GrpcStatus.EndAsync(
                call, GrpcStatusCode.Unknown, Obeys ? $"source \"{Canary}\" denied by policy" : "connection refused", stop);
            return;
        }

        Solves.Enqueue(request);
        await call.SendHeadersAsync([new HeaderField(":status", "200"), new HeaderField("content-type", "application/grpc")], end: false, stop);
        await call.SendAsync(GrpcMessages.Frame(Response), end: false, stop);
        await call.SendHeadersAsync([new HeaderField("grpc-status", "0")], end: true, stop);
    }
}
