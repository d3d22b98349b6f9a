using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>A request whose row is known, whose query is read, and of which everything is visible that its decision needs.</summary>
/// <param name="PathName">The first name in the path, decoded; null when the row has none.</param>
/// <param name="Body">The JSON body as the engine showed it; empty when there is none.</param>
internal sealed record KnownRequest(EngineEndpoint Endpoint, string? PathName, QueryParameters Query, ReadOnlyMemory<byte> Body)
{
    /// <summary>
    /// A tar stream belongs here: always at tar endpoints, except that a pull has none and an import only with <c>fromSrc=-</c>.
    /// </summary>
    public bool TakesTar =>
        Endpoint.Body == BodyKind.Tar
        && (Endpoint.Effect != Effect.PullsOrImports || (Query["fromImage"] == "" && Query["fromSrc"] == "-"));

    /// <summary>The name in the path of a row that has one.</summary>
    public string Name => PathName ?? "";

    public NoImageRequest NoImage() => new(Endpoint.Name);

    public RefusedRequest Refused(ReasonCode reason, string message) => new(Endpoint.Name, reason, message);

    /// <summary>Refused because engines may read the request in another way. The problem is half a sentence with the next step.</summary>
    public RefusedRequest Ambiguous(string problem) =>
        Refused(ReasonCode.HiddenOrAmbiguous, $"request {Endpoint.Name} {problem}");
}
