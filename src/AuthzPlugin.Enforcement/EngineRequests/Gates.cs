using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Requests that are refused as a whole unless a policy opens their gate (decisions.md, "Requests").</summary>
internal static class Gates
{
    /// <summary>The answer for a row with one of the gated effects.</summary>
    public static EngineRequest Of(KnownRequest request)
    {
        var endpoint = request.Endpoint.Name;
        return request.Endpoint.Effect switch
        {
            Effect.Builds => new PolicyGatedRequest(endpoint, Gate.Builds, Messages.BuildsRefused()),
            Effect.ConfiguresPlugin => new PolicyGatedRequest(endpoint, Gate.Plugins, Messages.PluginsRefused()),
            Effect.JoinsSwarm => new PolicyGatedRequest(endpoint, Gate.Swarm, Messages.SwarmRefused()),
            _ => request.Refused(
                ReasonCode.UnknownEndpoint, $"this plugin version does not know what {endpoint} does; upgrade content-trust"),
        };
    }

    /// <summary>The answer for the reads that hand out join tokens.</summary>
    public static PolicyGatedRequest SwarmSecrets(string endpoint) => new(endpoint, Gate.Swarm, Messages.SwarmSecretsRefused());
}
