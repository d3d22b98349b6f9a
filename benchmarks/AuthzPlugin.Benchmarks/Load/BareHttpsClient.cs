using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Benchmarks.Load;

/// <summary>The requests of a cold decision without anything around them: four files of a repository, one after another, read and forgotten.</summary>
internal sealed class BareHttpsClient : IDisposable
{
    private static readonly string[] Files = ["root", "timestamp", "snapshot", "targets"];

    private readonly HttpClient _client;

    /// <param name="authority">The certificate that must be at the end of the server's chain, as PEM in a file.</param>
    public BareHttpsClient(string authority)
    {
        var roots = new X509Certificate2Collection(X509CertificateLoader.LoadCertificateFromFile(authority));
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        _client = new HttpClient(handler);
    }

    public async Task FetchAsync(Uri server, string repository)
    {
        foreach (var file in Files)
        {
            _ = await _client.GetByteArrayAsync(new Uri(server, $"/v2/{repository}/_trust/tuf/{file}.json"));
        }
    }

    public void Dispose() => _client.Dispose();
}
