using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Turns an API request into what it asks of images. Pure: no input or output, no clock, and an answer for every input.
/// What is not a read and not understood for certain is a <see cref="RefusedRequest"/> (R1). The order is:
/// target (R5), row of the table, query, what is visible of the body (R3, R4), and only then the meaning.
/// </summary>
public static class EngineRequestReader
{
    private const string Unknown = "(unknown)";

    public static EngineRequest Read(AuthZRequest request) =>
        request.Method is "GET" or "HEAD" or "OPTIONS" ? ReadOnly(request) : ReadChange(request);

    // A read changes nothing, so it may be spelled in any way that the engine takes, and endpoints may be new.
    private static EngineRequest ReadOnly(AuthZRequest request)
    {
        if (SwarmSecrets.MayBeAsked(request.Uri))
        {
            return Gates.SwarmSecrets(request.Method + " /swarm");
        }

        var known = RequestTarget.TryParse(request.Uri, out var target, out _)
            ? EndpointRouter.Find(request.Method, target.Path)
            : null;
        return new ReadRequest(known?.Endpoint.Name ?? $"{request.Method} {Unknown}");
    }

    private static EngineRequest ReadChange(AuthZRequest request)
    {
        var shown = UntrustedText.Escape($"{request.Method} {request.Uri}");
        if (!RequestTarget.TryParse(request.Uri, out var target, out var problem))
        {
            return new RefusedRequest(
                Unknown, ReasonCode.HiddenOrAmbiguous, $"request {shown} {problem}; send it the way the Docker CLI does");
        }

        return EndpointRouter.Find(request.Method, target.Path) is { } match
            ? ReadKnown(request, target, match)
            : new RefusedRequest(
                Unknown,
                ReasonCode.UnknownEndpoint,
                $"this plugin version does not know {UntrustedText.Escape($"{request.Method} {target.Path}")}; "
                    + "upgrade content-trust, or check method and path");
    }

    private static EngineRequest ReadKnown(AuthZRequest request, RequestTarget target, EndpointMatch match)
    {
        var endpoint = match.Endpoint;
        if (endpoint.NamesMatter && (target.HidesPathSyntax || !target.IsPlain))
        {
            return Refused(endpoint, "has an escaped slash or dot, or a character that no name has, in its path; write names plainly");
        }

        if (!QueryParameters.TryParse(target.RawQuery, endpoint.Repeats, out var query, out var problem))
        {
            return Refused(endpoint, problem + "; send it the way the Docker CLI does");
        }

        var known = new KnownRequest(endpoint, match.Name, query, request.Body);
        problem = BodyVisibility.Problem(request, endpoint.DecidedBy, known.TakesTar);
        return problem is null ? RequestMeaning.Of(known) : known.Ambiguous(problem);
    }

    private static RefusedRequest Refused(EngineEndpoint endpoint, string problem) =>
        new(endpoint.Name, ReasonCode.HiddenOrAmbiguous, $"request {endpoint.Name} {problem}");
}
