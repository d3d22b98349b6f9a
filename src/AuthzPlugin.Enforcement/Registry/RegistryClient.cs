using System.Net;
using System.Security.Cryptography;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Registry;

/// <summary>
/// Reads manifests, blobs and referrers from registries (OCI distribution specification 1.1): TLS as certs.d says, plain HTTP on this
/// machine only, configured logins, limits while reading. What is asked for by digest is returned only with that digest. Safe for
/// concurrent use.
/// </summary>
public sealed class RegistryClient(TrustDataOptions options, RegistryCredentials credentials, TimeProvider time) : IDisposable
{
    private static readonly string[] ManifestTypes =
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private static readonly string[] IndexTypes = ["application/vnd.oci.image.index.v1+json"];

    private readonly AuthorizedHttp _http = new(options, credentials, time);

    /// <summary>The manifest that a tag means now and its digest, or null when the registry has no such tag.</summary>
    /// <exception cref="RepositoryException">The manifest is too large.</exception>
    /// <exception cref="TransportException">There is no complete answer, or a login is needed.</exception>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    internal async Task<(Digest Digest, byte[] Bytes)?> FindTagAsync(RepositoryName repository, string tag, CancellationToken cancellation)
    {
        var endpoint = EndpointOf(repository);
        var body = await GetAsync(endpoint, endpoint.Manifest(tag), ManifestTypes, cancellation).ConfigureAwait(false);
        return body is null ? null : (Digest.FromHash(SHA256.HashData(body)), body);
    }

    /// <summary>A manifest with this digest, or null when the registry has none.</summary>
    /// <exception cref="RepositoryException">What the registry sends is too large, or has another digest.</exception>
    /// <inheritdoc cref="FindTagAsync"/>
    internal async Task<byte[]?> FindManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellation)
    {
        var endpoint = EndpointOf(repository);
        var body = await GetAsync(endpoint, endpoint.Manifest(digest.ToString()), ManifestTypes, cancellation).ConfigureAwait(false);
        return body is null ? null : Verified(body, digest, endpoint);
    }

    /// <summary>A blob with this digest, or null when the registry has none. It may come from a storage that the registry points to.</summary>
    /// <inheritdoc cref="FindManifestAsync"/>
    internal async Task<byte[]?> FindBlobAsync(RepositoryName repository, Digest digest, int maxBytes, CancellationToken cancellation)
    {
        var endpoint = EndpointOf(repository);
        var url = endpoint.Blob(digest);
        var reply = await _http.GetAsync(endpoint.Login, url, [], maxBytes, cancellation).ConfigureAwait(false);
        for (var i = 0; i < RegistryLimits.Redirects && IsRedirect(reply); i++)
        {
            if (!Uri.TryCreate(url, reply.Location, out var location) || !endpoint.MayRedirectTo(location))
            {
                throw new TransportException(
                    TransportFault.Protocol, $"{endpoint.Login.Peer} points to {UntrustedText.Escape(reply.Location!.OriginalString)}, which is not asked");
            }

            url = location;
            var peer = $"storage {UntrustedText.Escape(url.GetLeftPart(UriPartial.Authority))} of {endpoint.Login.Peer}";
            reply = await _http.GetWithoutLoginAsync(url, peer, maxBytes, cancellation).ConfigureAwait(false);
        }

        var body = await BodyAsync(endpoint, reply, maxBytes, cancellation).ConfigureAwait(false);
        return body is null ? null : Verified(body, digest, endpoint);
    }

    /// <summary>
    /// One page of the list of what refers to a digest, unverified, and where the next one is. Null when the registry has no such list,
    /// because it does not know the question (404 and the like).
    /// </summary>
    /// <param name="page">Null for the first one.</param>
    /// <inheritdoc cref="FindTagAsync"/>
    internal async Task<(byte[] Bytes, Uri? Next)?> FindReferrersAsync(
        RepositoryName repository, Digest digest, Uri? page, CancellationToken cancellation)
    {
        var endpoint = EndpointOf(repository);
        var url = page ?? endpoint.Referrers(digest);
        var reply = await _http.GetAsync(endpoint.Login, url, IndexTypes, RegistryLimits.ManifestBytes, cancellation).ConfigureAwait(false);
        if (reply.Status is HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            return null;
        }

        var body = await BodyAsync(endpoint, reply, RegistryLimits.ManifestBytes, cancellation).ConfigureAwait(false);
        return body is null ? null : (body, LinkHeader.Next(reply.Link) is { } next ? endpoint.Resolve(url, next) : null);
    }

    public void Dispose() => _http.Dispose();

    private RegistryEndpoint EndpointOf(RepositoryName repository) => new(repository, options.CertificatesDirectory);

    private async Task<byte[]?> GetAsync(RegistryEndpoint endpoint, Uri url, IReadOnlyList<string> accept, CancellationToken cancellation)
    {
        var reply = await _http.GetAsync(endpoint.Login, url, accept, RegistryLimits.ManifestBytes, cancellation).ConfigureAwait(false);
        return await BodyAsync(endpoint, reply, RegistryLimits.ManifestBytes, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]?> BodyAsync(RegistryEndpoint endpoint, HttpReply reply, int maxBytes, CancellationToken cancellation) => reply.Status switch
    {
        HttpStatusCode.OK when reply.TooLarge =>
            throw new RepositoryException(RepositoryFault.TooLarge, $"{endpoint.Login.Peer} sends more than {maxBytes} bytes"),
        HttpStatusCode.OK => reply.Body,
        HttpStatusCode.NotFound => null,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            throw await _http.LoginNeededAsync(endpoint.Login, cancellation).ConfigureAwait(false),
        _ when IsRedirect(reply) =>
            throw new TransportException(TransportFault.Protocol, $"{endpoint.Login.Peer} answers with a redirect ({(int)reply.Status}) that is not followed"),
        _ => throw TransportErrors.Status(reply.Status, endpoint.Login.Peer),
    };

    private static bool IsRedirect(HttpReply reply) => (int)reply.Status is 301 or 302 or 303 or 307 or 308 && reply.Location is not null;

    private static byte[] Verified(byte[] body, Digest digest, RegistryEndpoint endpoint)
    {
        var found = Digest.FromHash(SHA256.HashData(body));
        return found == digest
            ? body
            : throw new RepositoryException(RepositoryFault.ChecksumMismatch, $"{endpoint.Login.Peer} sends {found} for {digest}");
    }
}
