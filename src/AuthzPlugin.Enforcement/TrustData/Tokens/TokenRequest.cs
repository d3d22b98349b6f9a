using System.Net.Http.Headers;
using AuthzPlugin.Enforcement.Credentials;

namespace AuthzPlugin.Enforcement.TrustData.Tokens;

/// <summary>
/// Requests to token servers as the Notary 0.7 client makes them: the scope is what this program asks for; the challenge's own scope does
/// not count.
/// </summary>
internal static class TokenRequest
{
    public static HttpRequestMessage Create(Uri realm, string? service, string scope, RegistryCredential? credential)
    {
        var request = string.IsNullOrEmpty(credential?.IdentityToken)
            ? WithPassword(realm, service, scope, credential)
            : WithIdentityToken(realm, service, scope, credential.IdentityToken);
        request.Headers.UserAgent.Add(TokenSource.UserAgent);
        return request;
    }

    private static HttpRequestMessage WithPassword(Uri realm, string? service, string scope, RegistryCredential? credential)
    {
        var query = new List<string> { "scope=" + Uri.EscapeDataString(scope) };
        if (!string.IsNullOrEmpty(service))
        {
            query.Insert(0, "service=" + Uri.EscapeDataString(service));
        }

        if (credential is { HasPassword: true })
        {
            query.Add("account=" + Uri.EscapeDataString(credential.Username!));
        }

        var separator = realm.Query.Length == 0 ? '?' : '&';
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(realm.AbsoluteUri + separator + string.Join('&', query)));
        request.Headers.Authorization = credential is { HasPassword: true }
            ? new AuthenticationHeaderValue("Basic", credential.ToBasicParameter())
            : null;
        return request;
    }

    private static HttpRequestMessage WithIdentityToken(Uri realm, string? service, string scope, string identityToken) => new(HttpMethod.Post, realm)
    {
        Content = new FormUrlEncodedContent(
        [
            new("grant_type", "refresh_token"),
            new("refresh_token", identityToken),
            new("service", service ?? ""),
            new("scope", scope),
            new("client_id", "docker"),
        ]),
    };
}
