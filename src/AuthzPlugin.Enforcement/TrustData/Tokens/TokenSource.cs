using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Tokens;

/// <summary>
/// Answers a 401: asks the token server that the challenge names (Bearer), or uses the login itself (Basic), and keeps what
/// it got until shortly before it expires. Safe for concurrent use.
/// </summary>
internal sealed class TokenSource(
    TrustDataOptions options, RegistryCredentials credentials, HttpClients clients, BoundedHttp http, TimeProvider time)
{
    public static readonly ProductInfoHeaderValue UserAgent = new("content-trust", "1");

    private const int MaximumKept = 1024;

    private readonly ConcurrentDictionary<(string Server, string Repository), Kept> _kept = new();

    /// <summary>The header of an earlier answer that still holds, or null.</summary>
    public AuthenticationHeaderValue? Cached(NotaryEndpoint endpoint) =>
        _kept.TryGetValue(Key(endpoint), out var kept) && time.GetUtcNow() < kept.Until ? kept.Header : null;

    public void Forget(NotaryEndpoint endpoint) => _kept.TryRemove(Key(endpoint), out _);

    /// <summary>The Authorization header that answers the first challenge that can be answered: Bearer before Basic (Notary 0.7 client).</summary>
    /// <exception cref="TransportException">A login is needed, or the token server cannot be asked or does not give a token.</exception>
    public async Task<AuthenticationHeaderValue> GetAsync(
        NotaryEndpoint endpoint, IReadOnlyList<AuthenticationHeaderValue> challenges, CancellationToken cancellation)
    {
        var credential = await FindAsync(endpoint, cancellation).ConfigureAwait(false);
        var offered = challenges.Select(Challenge.From).ToArray();
        var kept = offered.FirstOrDefault(c => c.Scheme == "bearer") is { } bearer
            ? await BearerAsync(endpoint, bearer, credential, cancellation).ConfigureAwait(false)
            : Basic(endpoint, offered.Any(c => c.Scheme == "basic"), credential);
        Keep(endpoint, kept);
        return kept.Header;
    }

    /// <summary>What to say about a 401 or 403 that stays.</summary>
    public async Task<TransportException> LoginNeededAsync(NotaryEndpoint endpoint, string peer, CancellationToken cancellation) =>
        LoginNeeded(endpoint, peer, await FindAsync(endpoint, cancellation).ConfigureAwait(false));

    private TransportException LoginNeeded(NotaryEndpoint endpoint, string peer, RegistryCredential? credential) => new(
        TransportFault.LoginNeeded,
        credential is null
            ? $"{peer} asks for a login and the plugin has none (users' logins are not visible to plugins);"
                + $" add one for {endpoint.Repository.Domain} to {credentials.Source}"
            : $"{peer} does not accept the login for {endpoint.Repository.Domain} in {credentials.Source}");

    private async Task<RegistryCredential?> FindAsync(NotaryEndpoint endpoint, CancellationToken cancellation)
    {
        try
        {
            return await credentials.FindAsync(endpoint.Repository.Domain, cancellation).ConfigureAwait(false);
        }
        catch (CredentialsException e)
        {
            throw new TransportException(TransportFault.LoginNeeded, $"trust server {endpoint.Base} asks for a login and {e.Message}", e);
        }
    }

    private Kept Basic(NotaryEndpoint endpoint, bool isOffered, RegistryCredential? credential) =>
        isOffered && credential is { HasPassword: true }
            ? new Kept(new AuthenticationHeaderValue("Basic", credential.ToBasicParameter()), time.GetUtcNow().AddMinutes(5))
            : throw LoginNeeded(endpoint, $"trust server {endpoint.Base}", credential);

    private async Task<Kept> BearerAsync(
        NotaryEndpoint endpoint, Challenge challenge, RegistryCredential? credential, CancellationToken cancellation)
    {
        var realm = Realm(endpoint, challenge);
        var peer = $"token server {UntrustedText.Escape(realm.GetLeftPart(UriPartial.Path))}";
        using var request = TokenRequest.Create(realm, challenge.Parameters.GetValueOrDefault("service"), endpoint.Repository, credential);
        var client = clients.For(realm, endpoint.Repository.Domain);
        var reply = await http.SendAsync(client, request, peer, options.TokenBytes, cancellation).ConfigureAwait(false);
        var answer = reply.Status switch
        {
            HttpStatusCode.OK => TokenAnswer.Parse(reply.Body, time.GetUtcNow())
                ?? throw new TransportException(TransportFault.TokenFlow, $"{peer} does not answer with a token"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw LoginNeeded(endpoint, peer, credential),
            _ => throw Refused(reply.Status, peer),
        };
        return new Kept(new AuthenticationHeaderValue("Bearer", answer.Token), answer.ExpiresAt - options.TokenMargin);
    }

    private Uri Realm(NotaryEndpoint endpoint, Challenge challenge)
    {
        var text = challenge.Parameters.GetValueOrDefault("realm", "");
        return TokenRealm.TryRead(text, endpoint, options.TokenRealms, out var realm, out var problem)
            ? realm
            : throw new TransportException(
                TransportFault.TokenFlow,
                $"trust server {endpoint.Base} sends clients to a token server {UntrustedText.Escape(text)} that {problem}");
    }

    private static TransportException Refused(HttpStatusCode status, string peer) =>
        (int)status is 429 or (>= 500 and <= 599)
            ? TransportErrors.Status(status, peer)
            : new TransportException(TransportFault.TokenFlow, $"{peer} refuses a token with the status {(int)status}");

    private void Keep(NotaryEndpoint endpoint, Kept kept)
    {
        if (_kept.Count >= MaximumKept)
        {
            _kept.Clear();
        }

        _kept[Key(endpoint)] = kept;
    }

    private static (string Server, string Repository) Key(NotaryEndpoint endpoint) => (endpoint.Base, endpoint.Repository.Name);

    private sealed record Kept(AuthenticationHeaderValue Header, DateTimeOffset Until);
}
