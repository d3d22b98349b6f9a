using System.Net;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>A repository at a trust server: where its files are (Notary 0.7 server, RootHandler).</summary>
public sealed record NotaryEndpoint
{
    /// <exception cref="ArgumentException">
    /// The URL is not https (http counts only for loopback addresses), or has a user, a query or a fragment.
    /// </exception>
    public NotaryEndpoint(Uri server, RepositoryName repository)
    {
        if (!IsAcceptable(server))
        {
            throw new ArgumentException(
                "a trust server is an https URL without user, query and fragment; http is for loopback addresses only", nameof(server));
        }

        Server = server;
        Repository = repository;
        Base = server.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>Base URL of the server; a path prefix is allowed.</summary>
    public Uri Server { get; }

    public RepositoryName Repository { get; }

    /// <summary>The server's URL without a trailing slash: its name in messages, and its identity.</summary>
    public string Base { get; }

    /// <summary>Docker's own service, of which messages say that it ends.</summary>
    public bool IsDockerHub => Server.IdnHost.Equals("notary.docker.io", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// URL of a metadata file: <c>timestamp</c>, <c>snapshot.HEX</c>, <c>3.root</c>, <c>targets/releases.HEX</c> …
    /// Slashes and the port in a repository name stay as they are.
    /// </summary>
    public Uri File(string name) => new($"{Base}/v2/{Repository.Name}/_trust/tuf/{name}.json");

    /// <summary>Tokens are for the full repository name with the registry host (Notary 0.7 client).</summary>
    internal ServerLogin Login => new(Server, Repository.Domain, $"repository:{Repository.Name}:pull", $"trust server {Base}");

    /// <summary>Whether a host is this machine without asking a name service.</summary>
    public static bool IsLoopback(Uri uri) =>
        uri.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(uri.IdnHost, out var address) && IPAddress.IsLoopback(address));

    private static bool IsAcceptable(Uri server) =>
        server is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (server.Scheme == Uri.UriSchemeHttps || (server.Scheme == Uri.UriSchemeHttp && IsLoopback(server)));
}
