using System.Net;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// The proxy of the settings, or the environment's (HTTPS_PROXY, NO_PROXY). Loopback addresses never go through a proxy,
/// as with the Docker CLI: a proxy cannot reach them.
/// </summary>
internal sealed class TrustProxy : IWebProxy
{
    private readonly IWebProxy _inner;

    public TrustProxy(Uri? proxy)
    {
        _inner = proxy is null ? HttpClient.DefaultProxy : new WebProxy(proxy);
        Credentials = proxy is { UserInfo.Length: > 0 } ? FromUserInfo(proxy.UserInfo) : _inner.Credentials;
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => NotaryEndpoint.IsLoopback(host) || _inner.IsBypassed(host);

    private static NetworkCredential FromUserInfo(string userInfo)
    {
        var parts = userInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : ""));
    }
}
