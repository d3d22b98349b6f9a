using AuthzPlugin.Enforcement.Authorization;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Answers a request by itself: with <see cref="GateExchange.ForwardAsync"/>, with what it makes of the engine's replies, or with a refusal.
/// Returns when the answer is whole.
/// </summary>
public delegate Task ExchangeHandler(GateExchange exchange, CancellationToken cancellation);

/// <summary>
/// Sits between a client and the engine that both have switched to another protocol. Returns when either side has ended; the
/// connections are closed then.
/// </summary>
public delegate Task BridgeHandler(GateExchange exchange, DuplexStream client, DuplexStream engine, CancellationToken cancellation);

/// <summary>What the gate consists of besides its sockets.</summary>
public sealed record GateParts
{
    /// <summary>The engine's private socket.</summary>
    public required string EngineSocket { get; init; }

    public required GatePasses Passes { get; init; }

    public required Func<PolicyInForce> Policy { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Pulls and imports; null: forwarded as they are.</summary>
    public ExchangeHandler? Pulls { get; init; }

    /// <summary><c>POST /build</c> while builds go through the gate only; null: forwarded as they are, and so refused by the plugin.</summary>
    public ExchangeHandler? Builds { get; init; }

    /// <summary><c>POST /grpc</c> and <c>POST /session</c> while builds go through the gate only; null: refused here.</summary>
    public BridgeHandler? BuildKit { get; init; }

    /// <summary>Most connections at a time; one more is answered 503.</summary>
    public int MaxConnections { get; init; } = 16 * 1024;

    /// <summary>Most of them for one user other than root, so that nobody can lock the others out.</summary>
    public int MaxConnectionsPerUser { get; init; } = 8 * 1024;

    /// <summary>From a head's first byte to its last. A connection may idle between requests for as long as it likes.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long what a client still sends after the last answer is read and thrown away, so that it can read that answer.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);
}
