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

    private readonly ConcurrentDictionary<(string Server, string Scope), Kept> _kept = new();

    /// <summary>The header of an earlier answer that still holds, or null.</summary>
    public AuthenticationHeaderValue? Cached(ServerLogin login) =>
        _kept.TryGetValue(Key(login), out var kept) && time.GetUtcNow() < kept.Until ? kept.Header : null;

    public void Forget(ServerLogin login) => _kept.TryRemove(Key(login), out _);

    /// <summary>The Authorization header that answers the first challenge that can be answered: Bearer before Basic (Notary 0.7 client).</summary>
    /// <exception cref="TransportException">A login is needed, or the token server cannot be asked or does not give a token.</exception>
    public async Task<AuthenticationHeaderValue> GetAsync(
        ServerLogin login, IReadOnlyList<AuthenticationHeaderValue> challenges, CancellationToken cancellation)
    {
        var credential = await FindAsync(login, cancellation).ConfigureAwait(false);
        var offered = challenges.Select(Challenge.From).ToArray();
        var kept = offered.FirstOrDefault(c => c.Scheme == "bearer") is { } bearer
            ? await BearerAsync(login, bearer, credential, cancellation).ConfigureAwait(false)
            : Basic(login, offered.Any(c => c.Scheme == "basic"), credential);
        Keep(login, kept);
        return kept.Header;
    }

    /// <summary>What to say about a 401 or 403 that stays.</summary>
    public async Task<TransportException> LoginNeededAsync(ServerLogin login, CancellationToken cancellation) =>
        LoginNeeded(login, login.Peer, await FindAsync(login, cancellation).ConfigureAwait(false));

    private TransportException LoginNeeded(ServerLogin login, string peer, RegistryCredential? credential) => new(
        TransportFault.LoginNeeded,
        credential is null
            ? $"{peer} asks for a login and the plugin has none (users' logins are not visible to plugins);"
                + $" add one for {login.RegistryHost} to {credentials.Source}"
            : $"{peer} does not accept the login for {login.RegistryHost} in {credentials.Source}");

    private async Task<RegistryCredential?> FindAsync(ServerLogin login, CancellationToken cancellation)
    {
        try
        {
            return await credentials.FindAsync(login.RegistryHost, cancellation).ConfigureAwait(false);
        }
        catch (CredentialsException e)
        {
            throw new TransportException(TransportFault.LoginNeeded, $"{login.Peer} asks for a login and {e.Message}", e);
        }
    }

    private Kept Basic(ServerLogin login, bool isOffered, RegistryCredential? credential) =>
        isOffered && credential is { HasPassword: true }
            ? new Kept(new AuthenticationHeaderValue("Basic", credential.ToBasicParameter()), time.GetUtcNow().AddMinutes(5))
            : throw LoginNeeded(login, login.Peer, credential);

    private async Task<Kept> BearerAsync(
        ServerLogin login, Challenge challenge, RegistryCredential? credential, CancellationToken cancellation)
    {
        var realm = Realm(login, challenge);
        var peer = $"token server {UntrustedText.Escape(realm.GetLeftPart(UriPartial.Path))}";
        using var request = TokenRequest.Create(realm, challenge.Parameters.GetValueOrDefault("service"), login.Scope, credential);
        var client = clients.For(realm, login.RegistryHost);
        var reply = await http.SendAsync(client, request, peer, options.TokenBytes, cancellation).ConfigureAwait(false);
        var answer = reply.Status switch
        {
            HttpStatusCode.OK => TokenAnswer.Parse(reply.Body, time.GetUtcNow())
                ?? throw new TransportException(TransportFault.TokenFlow, $"{peer} does not answer with a token"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw LoginNeeded(login, peer, credential),
            _ => throw Refused(reply.Status, peer),
        };
        return new Kept(new AuthenticationHeaderValue("Bearer", answer.Token), answer.ExpiresAt - options.TokenMargin);
    }

    private Uri Realm(ServerLogin login, Challenge challenge)
    {
        var text = challenge.Parameters.GetValueOrDefault("realm", "");
        return TokenRealm.TryRead(text, login, options.TokenRealms, out var realm, out var problem)
            ? realm
            : throw new TransportException(
                TransportFault.TokenFlow,
                $"{login.Peer} sends clients to a token server {UntrustedText.Escape(text)} that {problem}");
    }

    private static TransportException Refused(HttpStatusCode status, string peer) =>
        (int)status is 429 or (>= 500 and <= 599)
            ? TransportErrors.Status(status, peer)
            : new TransportException(TransportFault.TokenFlow, $"{peer} refuses a token with the status {(int)status}");

    private void Keep(ServerLogin login, Kept kept)
    {
        if (_kept.Count >= MaximumKept)
        {
            _kept.Clear();
        }

        _kept[Key(login)] = kept;
    }

    private static (string Server, string Scope) Key(ServerLogin login) => (login.Server.AbsoluteUri, login.Scope);

    private sealed record Kept(AuthenticationHeaderValue Header, DateTimeOffset Until);
}
