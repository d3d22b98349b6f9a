using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Services (engine-authz.md section 3, rows 22 and 23): what they run is pulled and started elsewhere, without a question.</summary>
internal static class Services
{
    public static EngineRequest Create(KnownRequest request) => WithSpec(request, null);

    /// <summary><c>rollback=previous</c> applies the specification that the swarm remembers; the body says nothing then.</summary>
    public static EngineRequest Update(KnownRequest request) => request.Query["rollback"] switch
    {
        "" or "none" => WithSpec(request, request.Name),
        "previous" => new ServiceRequest(request.Endpoint.Name, request.Name, request.Query["version"], null),
        _ => request.Ambiguous("has a rollback that is neither previous nor none; send it the way the Docker CLI does"),
    };

    private static EngineRequest WithSpec(KnownRequest request, string? service)
    {
        if (!JsonBody.TryRead(request.Body, ServiceSpecs.Shape, out var body, out var problem))
        {
            return request.Ambiguous(problem);
        }

        using (body)
        {
            return ServiceSpecs.TryRead(body.RootElement, out var spec, out problem)
                ? new ServiceRequest(request.Endpoint.Name, service, request.Query["version"], spec)
                : request.Refused(ReasonCode.BadReference, $"the service {problem}");
        }
    }
}
