using System.Net;
using System.Net.Http.Headers;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Tokens;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>
/// Asks OCSP responders (RFC 6960 A.1) and downloads lists of revoked certificates, as registries are read: TLS as certs.d says, the same proxy, no
/// redirects, no cookies, no logins, limits while reading. What it returns is unverified. Safe for concurrent use.
/// </summary>
internal sealed class RevocationTransport(TrustDataOptions connection, RevocationOptions options, TimeProvider time) : IDisposable
{
    private static readonly MediaTypeHeaderValue Question = new("application/ocsp-request");
    private static readonly MediaTypeWithQualityHeaderValue Answer = new("application/ocsp-response");

    private readonly HttpClients _clients = new(connection);
    private readonly BoundedHttp _ocsp = new(connection with { RequestTimeout = options.OcspTimeout }, time);
    private readonly BoundedHttp _lists = new(connection with { RequestTimeout = options.ListTimeout }, time);

    /// <exception cref="TransportException">There is no complete answer, or one that is too large.</exception>
    public async Task<byte[]> AskAsync(Uri responder, byte[] question, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, responder) { Content = new ByteArrayContent(question) };
        request.Content.Headers.ContentType = Question;
        request.Headers.Accept.Add(Answer);
        return await SendAsync(_ocsp, request, NameOf("OCSP responder", responder), OcspResponse.MaxBytes, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc cref="AskAsync"/>
    public async Task<byte[]> DownloadAsync(Uri list, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, list);
        return await SendAsync(_lists, request, NameOf("list", list), RevocationList.MaxBytes, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _clients.Dispose();

    internal static string NameOf(string what, Uri place) => $"{what} {UntrustedText.Escape(place.AbsoluteUri)}";

    private async Task<byte[]> SendAsync(BoundedHttp http, HttpRequestMessage request, string peer, int maxBytes, CancellationToken cancellation)
    {
        request.Headers.UserAgent.Add(TokenSource.UserAgent);
        var client = _clients.For(request.RequestUri!, request.RequestUri!.Authority);
        var reply = await http.SendAsync(client, request, peer, maxBytes, cancellation).ConfigureAwait(false);
        return reply switch
        {
            { Status: HttpStatusCode.OK, TooLarge: true } => throw new TransportException(TransportFault.Protocol, $"{peer} sends more than {maxBytes} bytes"),
            { Status: HttpStatusCode.OK } => reply.Body,
            { Status: >= (HttpStatusCode)300 and < (HttpStatusCode)400 } =>
                throw new TransportException(TransportFault.Protocol, $"{peer} answers with a redirect ({(int)reply.Status}) that is not followed"),
            _ => throw TransportErrors.Status(reply.Status, peer),
        };
    }
}
