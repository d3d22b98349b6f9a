namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>What somebody who forwards requests must know of one.</summary>
public enum RouteKind
{
    /// <summary>Forwarded as it is.</summary>
    Ordinary,

    /// <summary><c>POST /build</c>: a classic build, or one of BuildKit's that the client asks for by query.</summary>
    Build,

    /// <summary><c>POST /grpc</c> and <c>POST /session</c>: HTTP/2 after an upgrade.</summary>
    BuildKit,

    /// <summary><c>POST /images/create</c>.</summary>
    PullOrImport,

    /// <summary>Attach and exec: a raw stream after the answer.</summary>
    Hijack,

    /// <summary><c>GET …/attach/ws</c>: a WebSocket after the answer.</summary>
    WebSocket,
}

/// <summary>
/// The row that a request goes to, by the same rules as <see cref="EngineRequestReader"/>. Those rules are stricter than the engine's;
/// what they do not take has no route, is forwarded as it is, and is the plugin's to refuse.
/// </summary>
/// <param name="Endpoint">The table's name of the endpoint.</param>
/// <param name="Path">Decoded, without the version prefix.</param>
/// <param name="Version">The version prefix as it stands there, such as <c>/v1.41</c>; empty when there is none.</param>
/// <param name="Query">The parameters; null when they are not to be read with certainty.</param>
public sealed record RequestRoute(RouteKind Kind, string Endpoint, string Path, string Version, QueryParameters? Query)
{
    /// <summary>Null when the request has no row.</summary>
    public static RequestRoute? Of(string method, string target)
    {
        if (!RequestTarget.TryParse(target, out var parsed, out _) || EndpointRouter.Find(method, parsed.Path) is not { } match)
        {
            return null;
        }

        var path = EndpointRouter.WithoutVersion(parsed.Path);
        return new RequestRoute(
            KindOf(match.Endpoint, path),
            match.Endpoint.Name,
            path,
            parsed.Path[..^path.Length],
            QueryParameters.TryParse(parsed.RawQuery, match.Endpoint.Repeats, out var query, out _) ? query : null);
    }

    private static RouteKind KindOf(EngineEndpoint endpoint, string path) => endpoint switch
    {
        { Effect: Effect.PullsOrImports } => RouteKind.PullOrImport,
        { Effect: Effect.Builds, Body: BodyKind.Hijack } => RouteKind.BuildKit,
        { Effect: Effect.Builds } => RouteKind.Build,
        { Body: BodyKind.Hijack } => RouteKind.Hijack,
        { Method: "GET" } when path.EndsWith("/attach/ws", StringComparison.Ordinal) => RouteKind.WebSocket,
        _ => RouteKind.Ordinary,
    };
}
