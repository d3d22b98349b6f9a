using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>Requests that are refused whatever image they mean, unless a policy opens their gate (decisions.md, "Requests").</summary>
internal static partial class Gates
{
    private const string WhilePermissive = "an administrator can do it while the mode is permissive";

    /// <summary>The answer for a row with one of the gated effects.</summary>
    public static EngineRequest Of(KnownRequest request)
    {
        var endpoint = request.Endpoint.Name;
        return request.Endpoint.Effect switch
        {
            Effect.Builds => new PolicyGatedRequest(
                endpoint,
                Gate.Builds,
                "builds are refused here: the engine does not show a plugin the images that a build runs; "
                    + "build on another host, sign and push the image, and pull it here"),
            Effect.InstallsPlugin => new PolicyGatedRequest(
                endpoint,
                Gate.Plugins,
                "installing or changing managed plugins is refused here: a plugin runs unsigned image content as root; "
                    + WhilePermissive),
            Effect.StopsPlugin => StopPlugin(request),
            Effect.JoinsSwarm => new PolicyGatedRequest(
                endpoint,
                Gate.Swarm,
                "joining or changing a swarm is refused here: its managers start unsigned images on this host without asking; "
                    + WhilePermissive),
            Effect.RunsService => new PolicyGatedRequest(
                endpoint,
                Gate.Services,
                "services are refused here: workers pull and start their images without asking; run a container instead"),
            _ => request.Refused(
                ReasonCode.UnknownEndpoint, $"this plugin version does not know what {endpoint} does; upgrade content-trust"),
        };
    }

    /// <summary>The answer for the reads that hand out join tokens.</summary>
    public static PolicyGatedRequest SwarmSecrets(string endpoint) => new(
        endpoint,
        Gate.Swarm,
        "the swarm's join tokens and unlock key are not shown: with them other hosts join, and managers start unsigned images here; "
            + WhilePermissive);

    // Whoever stops a plugin of this name may stop this one, or make room for another under its name (1.1, 1.5).
    private static EngineRequest StopPlugin(KnownRequest request) => OwnName().IsMatch(request.Name)
        ? request.Refused(
            ReasonCode.RefusedByPolicy,
            $"plugin {UntrustedText.Escape(request.Name)} has this plugin's name, and it is not stopped through the API; "
                + "an administrator can remove it from authorization-plugins in daemon.json")
        : request.NoImage();

    [GeneratedRegex(@"\A(?:.*/)?content-trust(?:[:@].*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex OwnName();
}
