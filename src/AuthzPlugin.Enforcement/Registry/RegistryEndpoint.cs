using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Registry;

/// <summary>A repository at its registry: where its manifests and blobs are (OCI distribution specification 1.1).</summary>
internal sealed record RegistryEndpoint
{
    private const string DockerHub = "docker.io";

    private readonly string _base;

    /// <exception cref="TransportException">The registry's name is no host, as with a port of more than 65535.</exception>
    /// <param name="certificatesDirectory">The engine's certs.d: a loopback registry that has a folder there speaks TLS.</param>
    public RegistryEndpoint(RepositoryName repository, string certificatesDirectory)
    {
        var host = repository.Domain == DockerHub ? "registry-1.docker.io" : repository.Domain;
        if (!Uri.TryCreate($"https://{host}", UriKind.Absolute, out var server))
        {
            throw new TransportException(TransportFault.Protocol, $"registry {host} has no address that can be asked");
        }

        if (NotaryEndpoint.IsLoopback(server) && !Directory.Exists(Path.Combine(certificatesDirectory, host)))
        {
            server = new Uri($"http://{host}");
        }

        _base = $"{server.AbsoluteUri.TrimEnd('/')}/v2/{repository.Path}";
        Login = new ServerLogin(server, repository.Domain, $"repository:{repository.Path}:pull", $"registry {server.AbsoluteUri.TrimEnd('/')}");
    }

    public ServerLogin Login { get; }

    /// <param name="reference">A tag or digest.</param>
    public Uri Manifest(string reference) => new($"{_base}/manifests/{reference}");

    public Uri Blob(Digest digest) => new($"{_base}/blobs/{digest}");

    public Uri Referrers(Digest digest) => new($"{_base}/referrers/{digest}");

    /// <summary>Where a page's link leads: to this registry only, or null.</summary>
    public Uri? Resolve(Uri page, string link) =>
        Uri.TryCreate(page, link, out var next)
        && next.GetLeftPart(UriPartial.Authority) == Login.Server.GetLeftPart(UriPartial.Authority)
        && next is { UserInfo: "", Fragment: "" }
            ? next
            : null;

    /// <summary>Whether a blob may be fetched from where the registry points: over TLS, or on this machine when the registry is there too.</summary>
    public bool MayRedirectTo(Uri location) =>
        location is { IsAbsoluteUri: true, UserInfo: "" }
        && (location.Scheme == Uri.UriSchemeHttps
            ? !NotaryEndpoint.IsLoopback(location) || NotaryEndpoint.IsLoopback(Login.Server)
            : location.Scheme == Uri.UriSchemeHttp && NotaryEndpoint.IsLoopback(location) && NotaryEndpoint.IsLoopback(Login.Server));
}
