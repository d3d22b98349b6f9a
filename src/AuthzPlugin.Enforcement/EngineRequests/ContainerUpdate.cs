using System.Text.Json;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary><c>POST /containers/{name}/update</c>: an image matters only when a restart policy is set (row 17).</summary>
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
            return !TryPolicyName(body.RootElement, out var name)
                ? request.Ambiguous("has a RestartPolicy without a text as its Name; correct it")
                : name is "" or "no" ? request.NoImage()
                : new RestartPolicyRequest(request.Endpoint.Name, request.Name);
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
