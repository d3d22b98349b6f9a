using System.Diagnostics.CodeAnalysis;
using AuthzPlugin.Enforcement.TrustData.Transport;

namespace AuthzPlugin.Enforcement.TrustData.Tokens;

/// <summary>
/// Where a login may be sent. The Docker CLI sends it to whatever realm a server names; here the realm is an https URL
/// (http only between loopback addresses) on the trust server's or registry's own host, on <c>auth.docker.io</c> for Docker Hub,
/// or on a host of <c>token-realms</c>.
/// </summary>
internal static class TokenRealm
{
    public static bool TryRead(
        string realm,
        ServerLogin login,
        IReadOnlyList<string> allowedHosts,
        [NotNullWhen(true)] out Uri? uri,
        [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (!Uri.TryCreate(realm, UriKind.Absolute, out uri) || uri is not { UserInfo: "", Fragment: "" })
        {
            problem = "is not a URL";
        }
        else if (!IsSecure(uri, login))
        {
            problem = "is not an https URL";
        }
        else if (!IsAllowed(uri, login, allowedHosts))
        {
            problem = "is on a host that is not allowed to get logins (token-realms in the settings names such hosts)";
        }

        return problem is null;
    }

    private static bool IsSecure(Uri uri, ServerLogin login) =>
        uri.Scheme == Uri.UriSchemeHttps
        || (uri.Scheme == Uri.UriSchemeHttp && NotaryEndpoint.IsLoopback(uri) && NotaryEndpoint.IsLoopback(login.Server));

    private static bool IsAllowed(Uri realm, ServerLogin login, IReadOnlyList<string> allowedHosts) =>
        Same(realm.IdnHost, login.Server.IdnHost)
        || Same(realm.IdnHost, RegistryHost(login))
        || (login.RegistryHost == "docker.io" && Same(realm.Authority, "auth.docker.io"))
        || allowedHosts.Any(allowed => Same(realm.Authority, allowed));

    private static string RegistryHost(ServerLogin login) =>
        Uri.TryCreate("https://" + login.RegistryHost, UriKind.Absolute, out var registry) ? registry.IdnHost : "";

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
