using AuthzPlugin.Enforcement.Tls;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// One connection pool per server and registry, since certificates belong to that pair. A pool is replaced
/// when a file in its certificate directories changes, so a new CA needs no restart. Safe for concurrent use.
/// </summary>
internal sealed class HttpClients(TrustDataOptions options) : IDisposable
{
    private const int MaximumPools = 64;

    private readonly CertificateDirectories _certificates = new(options.CertificatesDirectory, options.CredentialBytes);
    private readonly Dictionary<(string Server, string Registry), Pool> _pools = [];
    private readonly Lock _gate = new();

    /// <summary>The client for a server (trust or token) that works for a registry.</summary>
    /// <exception cref="AuthzPlugin.Trust.Errors.TransportException">The certificate directories cannot be used.</exception>
    public HttpMessageInvoker For(Uri server, string registryHost)
    {
        var key = (server.GetLeftPart(UriPartial.Authority), registryHost);
        var directories = _certificates.Of(server, registryHost);
        var state = CertificateDirectories.StateOf(directories);
        lock (_gate)
        {
            if (_pools.TryGetValue(key, out var pool) && pool.State == state)
            {
                return pool.Client;
            }

            var client = Create(_certificates.Load(directories));
            EvictOne(key);
            _pools[key] = new Pool(client, state);
            return client;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var pool in _pools.Values)
            {
                pool.Client.Dispose();
            }

            _pools.Clear();
        }
    }

    private void EvictOne((string Server, string Registry) incoming)
    {
        if (_pools.Count >= MaximumPools && !_pools.ContainsKey(incoming))
        {
            _pools.Remove(_pools.Keys.First());
        }
    }

    // An invoker, not an HttpClient: it has no time-out and no buffer of its own. A replaced one is not disposed, since a request
    // may be about to use it; its idle connections close by themselves.
    private HttpMessageInvoker Create(HostCertificates certificates) => new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 64 * 1024,
            MaxConnectionsPerServer = options.UpdatesPerServer,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            Proxy = new TrustProxy(options.Proxy),
            UseProxy = true,
            SslOptions = certificates.ToClientOptions(),
        },
        disposeHandler: true);

    private sealed record Pool(HttpMessageInvoker Client, string State);
}
