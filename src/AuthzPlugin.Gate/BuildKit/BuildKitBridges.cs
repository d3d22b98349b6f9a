using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Decides one image that a build names; see <see cref="BaseImages.DecideAsync"/>.</summary>
public delegate Task<Decision> DecideBaseImage(string image, TrustPolicy policy, CancellationToken cancellation);

/// <summary>
/// The gate between BuildKit's clients and the engine's BuildKit: <c>POST /grpc</c>, where clients ask for builds, and <c>POST /session</c>,
/// where the engine asks the client for files, secrets and logins. Speaks HTTP/2 to each side.
/// </summary>
public sealed class BuildKitBridges
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClientSessions _sessions;
    private readonly DecidedBuilds _builds;
    private readonly BuildDecider _decider;

    public BuildKitBridges(DecideBaseImage decide, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _sessions = new ClientSessions(time);
        _builds = new DecidedBuilds(time);
        _decider = new BuildDecider(decide, _sessions, time);
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
            Log.BridgeEnded(_logger, e.Message);
        }
    }

    private async Task CallsAsync(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        using var bridge = new GrpcBridge(client, engine, _logger);
        var calls = new BuildCalls(bridge.Callee, exchange.Caller, exchange.Policy!, _decider, _builds, _time, _logger);
        await bridge.RunAsync(calls.HandleAsync, cancellation).ConfigureAwait(false);
    }

    // The engine calls, the client answers. All of it passes: the engine asks for nothing that a decided build does not need.
    private async Task SessionAsync(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        using var bridge = new GrpcBridge(engine, client, _logger);
        using var known = _sessions.Add(exchange.Caller.Uid, exchange.Head.Headers[SessionId] ?? "", bridge.Callee);
        await bridge.RunAsync((call, ended) => StreamRelay.PassAsync(call, bridge.Callee, ended), cancellation).ConfigureAwait(false);
    }

    private const string SessionId = "X-Docker-Expose-Session-Uuid";
}
