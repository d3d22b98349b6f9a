using System.Net;
using System.Net.Http.Headers;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.TrustData.Tokens;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// Reads from servers that may ask for a login: no redirects, no decompression, size limits while reading, and the token flow on 401.
/// Safe for concurrent use.
/// </summary>
internal sealed class AuthorizedHttp : IDisposable
{
    private const int PingBytes = 64 * 1024;

    private readonly BoundedHttp _http;
    private readonly HttpClients _clients;
    private readonly TokenSource _tokens;

    public AuthorizedHttp(TrustDataOptions options, RegistryCredentials credentials, TimeProvider time)
    {
        _http = new BoundedHttp(options, time);
        _clients = new HttpClients(options);
        _tokens = new TokenSource(options, credentials, _clients, _http, time);
    }

    /// <summary>The answer, whatever its status; a 401 only after the token flow.</summary>
    /// <param name="accept">Media types that are asked for; none: whatever the server has.</param>
    /// <exception cref="TransportException">There is no complete answer, or a login is needed.</exception>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<HttpReply> GetAsync(
        ServerLogin login, Uri url, IReadOnlyList<string> accept, int maxBytes, CancellationToken cancellation)
    {
        var client = _clients.For(login.Server, login.RegistryHost);
        var reply = await SendAsync(client, login.Peer, url, accept, _tokens.Cached(login), maxBytes, cancellation).ConfigureAwait(false);
        if (reply.Status != HttpStatusCode.Unauthorized)
        {
            return reply;
        }

        // Once: a second 401 is an answer, not a reason to go on (Notary 0.7 client, session.go).
        _tokens.Forget(login);
        var challenges = reply.Challenges.Count > 0
            ? reply.Challenges
            // Servers behind some gateways challenge only at /v2/, which is where the Docker CLI asks first.
            : (await SendAsync(client, login.Peer, login.Ping, [], null, PingBytes, cancellation).ConfigureAwait(false)).Challenges;
        var token = await _tokens.GetAsync(login, challenges, cancellation).ConfigureAwait(false);
        return await SendAsync(client, login.Peer, url, accept, token, maxBytes, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads from another host that a server pointed to: without login, and without client certificate of the server.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<HttpReply> GetWithoutLoginAsync(Uri url, string peer, int maxBytes, CancellationToken cancellation) =>
        SendAsync(_clients.For(url, url.Authority), peer, url, [], null, maxBytes, cancellation);

    /// <summary>What to say about a 401 or 403 that stays.</summary>
    public Task<TransportException> LoginNeededAsync(ServerLogin login, CancellationToken cancellation) =>
        _tokens.LoginNeededAsync(login, cancellation);

    public void Dispose() => _clients.Dispose();

    private async Task<HttpReply> SendAsync(
        HttpMessageInvoker client,
        string peer,
        Uri url,
        IReadOnlyList<string> accept,
        AuthenticationHeaderValue? token,
        int maxBytes,
        CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = token;
        request.Headers.UserAgent.Add(TokenSource.UserAgent);
        foreach (var type in accept)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        return await _http.SendAsync(client, request, peer, maxBytes, cancellation).ConfigureAwait(false);
    }
}
