using AuthzPlugin.Enforcement.TrustData.Transport;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>What messages about particular trust servers add.</summary>
internal static class TrustDataHints
{
    /// <summary>What messages about Docker's own trust server add: it ends, and nothing here can change that.</summary>
    internal static string DockerHubNotice(NotaryEndpoint endpoint) =>
        endpoint.IsDockerHub
            ? " (Docker ends its Notary service notary.docker.io on 2026-12-08 and the trust data of its official images has expired;"
                + " take images from a registry whose publisher signs, or name another server under trust-servers)"
            : "";
}
