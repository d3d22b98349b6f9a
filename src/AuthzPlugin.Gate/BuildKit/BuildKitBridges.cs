using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>
/// The gate between BuildKit's clients and the engine's BuildKit: <c>POST /grpc</c>, where clients ask for builds, and <c>POST /session</c>,
/// where the engine asks the client for files, secrets and logins. Speaks HTTP/2 to each side.
/// </summary>
public sealed class BuildKitBridges
{
    private const string SessionId = "X-Docker-Expose-Session-Uuid";

    private readonly BuildKitParts _parts;
    private readonly ClientSessions _sessions;
    private readonly DecidedBuilds _builds;
    private readonly BuildDecider _decider;

    public BuildKitBridges(BuildKitParts parts)
    {
        _parts = parts;
        _sessions = new ClientSessions(parts.Time);
        _builds = new DecidedBuilds(parts.Time);
        _decider = new BuildDecider(parts, _sessions);
    }

    /// <summary>A <see cref="BridgeHandler"/>.</summary>
    public async Task HandleAsync(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        var isSession = exchange.Route?.Path.EndsWith("/session", StringComparison.Ordinal) == true;
        try
        {
            await (isSession
                ? SessionAsync(exchange, client, engine, cancellation)
                : CallsAsync(exchange, client, engine, cancellation)).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            Log.BridgeEnded(_parts.Logger, e.Message);
        }
    }

    private async Task CallsAsync(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        using var bridge = new GrpcBridge(client, engine, _parts.Logger);
        var calls = new BuildCalls(bridge.Callee, exchange.Caller, exchange.Head.Target, exchange.Policy!, _parts, _decider, _builds);
        await bridge.RunAsync(calls.HandleAsync, cancellation).ConfigureAwait(false);
    }

    // The engine calls, the client answers. All of it passes: the engine asks for nothing that a decided build does not need.
    private async Task SessionAsync(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        using var bridge = new GrpcBridge(engine, client, _parts.Logger);
        using var known = _sessions.Add(exchange.Caller.Uid, exchange.Head.Headers[SessionId] ?? "", bridge.Callee);
        await bridge.RunAsync((call, ended) => StreamRelay.PassAsync(call, bridge.Callee, ended), cancellation).ConfigureAwait(false);
    }
}
