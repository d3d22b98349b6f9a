using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>What a person can do about a failure of trust data: what stands after "; " in a message.</summary>
public static class TrustDataHints
{
    /// <summary>The next step, without a final period.</summary>
    public static string For(TrustException problem, RepositoryName repository) => problem switch
    {
        TransportException { Fault: TransportFault.LoginNeeded } => "add or correct the login, then try again",
        TransportException { Fault: TransportFault.TokenFlow } => "see token-realms in the settings, or ask whoever runs the trust server",
        TransportException { Fault: TransportFault.Tls } => "check the certificate of the trust server, or see content-trust status",
        TransportException => "try again, or see content-trust status",
        RepositoryException e => For(e.Fault, repository),
        _ => "see content-trust status",
    };

    /// <summary>What messages about Docker's own trust server add: it ends, and nothing here can change that.</summary>
    internal static string DockerHubNotice(NotaryEndpoint endpoint) =>
        endpoint.IsDockerHub
            ? " (Docker ends its Notary service notary.docker.io on 2026-12-08 and the trust data of its official images has expired;"
                + " take images from a registry whose publisher signs, or name another server under trust-servers)"
            : "";

    private static string For(RepositoryFault fault, RepositoryName repository) => fault switch
    {
        RepositoryFault.Rollback or RepositoryFault.RootRotation =>
            $"if the publisher started anew, and only then, run content-trust cache forget {repository}",
        RepositoryFault.PinMismatch => "compare trust-pinning with the publisher's root key",
        RepositoryFault.Expired => "ask the publisher to sign again",
        RepositoryFault.NotFound => "ask the publisher to sign it, or name its trust server under trust-servers",
        _ => "ask the publisher or whoever runs the trust server",
    };
}
