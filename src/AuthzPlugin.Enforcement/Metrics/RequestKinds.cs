using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>The <c>kind</c> of a request in metrics.</summary>
internal static class RequestKinds
{
    /// <param name="request">Null: the engine's message was empty or unreadable.</param>
    public static string Of(EngineRequest? request) => request switch
    {
        null => "unreadable",
        ReadRequest => "read",
        PullRequest => "pull",
        CreateRequest => "create",
        StartRequest => "start",
        RestartPolicyRequest => "update",
        HostAccessRequest => "host-access",
        NameChangeRequest => "names",
        ContentRequest => "content",
        ServiceRequest => "service",
        PluginInstallRequest or PluginChangeRequest => "plugin",
        PolicyGatedRequest gated => gated.Gate switch
        {
            Gate.Builds => "build",
            Gate.Plugins => "plugin",
            _ => "swarm",
        },
        RefusedRequest => "refused",
        _ => "other",
    };
}
