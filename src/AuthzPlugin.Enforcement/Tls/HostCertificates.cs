using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace AuthzPlugin.Enforcement.Tls;

/// <summary>What a host is verified with, and what this client shows to it.</summary>
/// <param name="Authorities">Trusted in addition to the system's roots.</param>
/// <param name="Clients">Client certificates with their private key first, intermediates after it.</param>
internal sealed record HostCertificates(X509Certificate2Collection Authorities, IReadOnlyList<X509Certificate2Collection> Clients)
{
    /// <summary>
    /// TLS 1.2 or newer; chain and host name or address are verified; no revocation and no downloads, which would be
    /// connections to hosts that nobody configured.
    /// </summary>
    public SslClientAuthenticationOptions ToClientOptions()
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ChainPolicy(),
        };
        if (Clients.Count == 1)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(Clients[0][0], [.. Clients[0].Skip(1)], offline: true);
        }
        else if (Clients.Count > 1)
        {
            options.ClientCertificates = [.. Clients.Select(c => c[0])];
        }

        return options;
    }

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (Authorities.Count == 0)
        {
            return policy;
        }

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(SystemRoots());
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }

    private static X509Certificate2Collection SystemRoots()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return store.Certificates;
    }
}
