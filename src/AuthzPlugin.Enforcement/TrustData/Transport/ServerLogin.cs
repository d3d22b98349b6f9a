namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>A server that may ask for a login, and what is asked for there.</summary>
/// <param name="Server">Base URL of the server.</param>
/// <param name="RegistryHost">The registry whose login of this host is used; <c>docker.io</c> for Docker Hub.</param>
/// <param name="Scope">What a token is for, such as <c>repository:team/app:pull</c>.</param>
/// <param name="Peer">How messages call the server, such as <c>trust server https://notary.example.com</c>.</param>
internal sealed record ServerLogin(Uri Server, string RegistryHost, string Scope, string Peer)
{
    /// <summary>What answers 401 with a challenge when a login is needed.</summary>
    public Uri Ping => new($"{Server.AbsoluteUri.TrimEnd('/')}/v2/");
}
