using System.Net;
using System.Net.Http.Headers;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.TrustData.Tokens;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// Fetches metadata files from trust servers (Notary 0.7 HTTP API): no redirects, no decompression, size limits while reading,
/// and the token flow on 401. What it returns is unverified. Safe for concurrent use.
/// </summary>
public sealed class NotaryTransport : IDisposable
{
    private readonly BoundedHttp _http;
    private readonly HttpClients _clients;
    private readonly TokenSource _tokens;
    private readonly TrustMeter? _meter;
    private readonly TimeProvider _time;

    /// <param name="meter">Counts requests; null: nothing is counted.</param>
    public NotaryTransport(TrustDataOptions options, RegistryCredentials credentials, TimeProvider time, TrustMeter? meter = null)
    {
        _meter = meter;
        _time = time;
        _http = new BoundedHttp(options, time);
        _clients = new HttpClients(options);
        _tokens = new TokenSource(options, credentials, _clients, _http, time);
    }

    /// <summary>The bytes of a metadata file, or null when the server answers that it has none (404).</summary>
    /// <param name="name">File name without <c>.json</c>, see <see cref="NotaryEndpoint.File"/>.</param>
    /// <param name="maxBytes">Limit of the body.</param>
    /// <exception cref="RepositoryException">The file is larger than the limit.</exception>
    /// <exception cref="TransportException">There is no complete answer, or a login is needed.</exception>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<byte[]?> GetAsync(NotaryEndpoint endpoint, string name, int maxBytes, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        Exception? problem = null;
        try
        {
            return await AskAsync(endpoint, name, maxBytes, cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            problem = e;
            throw;
        }
        finally
        {
            _meter?.Asked(endpoint.Server, started, problem);
        }
    }

    public void Dispose() => _clients.Dispose();

    private async Task<byte[]?> AskAsync(NotaryEndpoint endpoint, string name, int maxBytes, CancellationToken cancellation)
    {
        var token = _tokens.Cached(endpoint);
        var reply = await SendAsync(endpoint, endpoint.File(name), token, maxBytes, cancellation).ConfigureAwait(false);
        if (reply.Status == HttpStatusCode.Unauthorized)
        {
            // Once: a second 401 is an answer, not a reason to go on (Notary 0.7 client, session.go).
            _tokens.Forget(endpoint);
            var challenges = await ChallengesAsync(endpoint, reply, cancellation).ConfigureAwait(false);
            token = await _tokens.GetAsync(endpoint, challenges, cancellation).ConfigureAwait(false);
            reply = await SendAsync(endpoint, endpoint.File(name), token, maxBytes, cancellation).ConfigureAwait(false);
        }

        return await BodyAsync(endpoint, reply, name, maxBytes, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]?> BodyAsync(
        NotaryEndpoint endpoint, HttpReply reply, string name, int maxBytes, CancellationToken cancellation) => reply.Status switch
        {
            HttpStatusCode.OK when reply.TooLarge =>
                throw new RepositoryException(RepositoryFault.TooLarge, $"{Peer(endpoint)} sends a {name} file of more than {maxBytes} bytes", name),
            HttpStatusCode.OK => reply.Body,
            HttpStatusCode.NotFound => null,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                throw await _tokens.LoginNeededAsync(endpoint, Peer(endpoint), cancellation).ConfigureAwait(false),
            _ => throw TransportErrors.Status(reply.Status, Peer(endpoint)),
        };

    // Servers behind some gateways challenge only at /v2/, which is where the Docker CLI asks first.
    private async Task<IReadOnlyList<AuthenticationHeaderValue>> ChallengesAsync(
        NotaryEndpoint endpoint, HttpReply reply, CancellationToken cancellation) =>
        reply.Challenges.Count > 0
            ? reply.Challenges
            : (await SendAsync(endpoint, endpoint.Ping(), null, maxBytes: 64 * 1024, cancellation).ConfigureAwait(false)).Challenges;

    private async Task<HttpReply> SendAsync(
        NotaryEndpoint endpoint, Uri url, AuthenticationHeaderValue? token, int maxBytes, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = token;
        request.Headers.UserAgent.Add(TokenSource.UserAgent);
        var client = _clients.For(endpoint.Server, endpoint.Repository.Domain);
        return await _http.SendAsync(client, request, Peer(endpoint), maxBytes, cancellation).ConfigureAwait(false);
    }

    private static string Peer(NotaryEndpoint endpoint) => $"trust server {endpoint.Base}";
}
