using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>Which exchange a request gets. Only pulls and builds are looked into; everything else passes as it is, to be decided by the plugin.</summary>
internal sealed class ExchangeRouter(GateParts parts)
{
    /// <summary>Returns whether the connection may carry another request.</summary>
    /// <exception cref="IOException">Either side went away.</exception>
    public async Task<bool> HandleAsync(ClientConnection client, RequestHead head, CancellationToken cancellation)
    {
        var route = RequestRoute.Of(head.Method, head.Target);
        var exchange = new GateExchange(client, parts, head, route, parts.Policy().Policy);
        try
        {
            await HandleAsync(exchange, route, cancellation).ConfigureAwait(false);
        }
        catch (WireException e) when (exchange.IsAnswered)
        {
            // Too late for an answer of its own.
            throw new IOException("the client's body: " + e.Message, e);
        }
        catch (EngineGoneException e)
        {
            await exchange.FailAsync(503, e.Message, cancellation).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The last line of defence: a fault of ours ends this connection, not the service, and is told when it still can be.
        catch (Exception e) when (e is not (IOException or OperationCanceledException))
#pragma warning restore CA1031
        {
            Log.Fault(parts.Logger, e);
            await exchange.FailAsync(
                500, "the content-trust gate failed inside; try again, and see journalctl -u content-trust", cancellation).ConfigureAwait(false);
        }

        return exchange.GoesOn;
    }

    private Task HandleAsync(GateExchange exchange, RequestRoute? route, CancellationToken cancellation)
    {
        if (UpgradeProblem(exchange.Head.Upgrade, route?.Kind) is { } problem)
        {
            return exchange.RefuseAsync(problem, cancellation);
        }

        var enforced = exchange.Policy is { Mode: EnforcementMode.Enforced };
        var seesBuilds = enforced && exchange.Policy!.Builds == PolicyAnswer.Gate;
        return route?.Kind switch
        {
            RouteKind.PullOrImport when enforced && parts.Pulls is { } pulls => pulls(exchange, cancellation),
            RouteKind.Build when seesBuilds && parts.Builds is { } builds => builds(exchange, cancellation),
            RouteKind.BuildKit when seesBuilds && exchange.Head.Upgrade is not null => exchange.BridgeAsync(parts.BuildKit, cancellation),
            _ => exchange.PassAsync(cancellation),
        };
    }

    private static string? UpgradeProblem(string? protocol, RouteKind? route) => (protocol, route) switch
    {
        (null, _) or ("tcp", RouteKind.Hijack) or ("websocket", RouteKind.WebSocket) or ("h2c", RouteKind.BuildKit) => null,
        _ => $"the connection would be switched to {UntrustedText.Escape(protocol)}, which no request of this kind needs; "
            + "send it without the headers Connection and Upgrade",
    };
}
