using System.Text.Json;
using AuthzPlugin.Enforcement.HostAccess;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary><c>POST /containers/{name}/update</c>: an image matters only when a restart policy is set (row 17), devices always.</summary>
internal static class ContainerUpdate
{
    public static EngineRequest Read(KnownRequest request)
    {
        if (!JsonBody.TryRead(request.Body, ContainerShapes.Update, out var body, out var problem))
        {
            return request.Ambiguous(problem);
        }

        using (body)
        {
            var demands = new List<HostDemand>();
            return !HostAccessReader.TryRead(body.RootElement, HostBodies.Update, "", demands) ? request.Ambiguous(HostAccessReader.WrongType)
                : !TryPolicyName(body.RootElement, out var name) ? request.Ambiguous("has a RestartPolicy without a text as its Name; correct it")
                : name is not ("" or "no") ? new RestartPolicyRequest(request.Endpoint.Name, request.Name) { HostAccess = demands }
                : demands.Count > 0 ? new HostAccessRequest(request.Endpoint.Name, request.Name, demands)
                : request.NoImage();
        }
    }

    // An absent or empty name leaves the container's policy as it is.
    private static bool TryPolicyName(JsonElement body, out string name)
    {
        name = "";
        return body.TryMember("RestartPolicy", JsonValueKind.Object, out var policy)
            && (policy is not { } present || present.TryText("Name", out name));
    }
}
