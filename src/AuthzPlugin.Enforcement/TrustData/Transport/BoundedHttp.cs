using System.Net;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// Sends one request to a server that may be slow, broken or hostile: one time budget over headers and body, one size limit,
/// no redirects, and every failure as a <see cref="TransportException"/> that says what happened.
/// </summary>
internal sealed class BoundedHttp(TrustDataOptions options, TimeProvider time)
{
    /// <param name="peer">How messages call the server, such as <c>trust server https://notary.example.com</c>.</param>
    /// <exception cref="TransportException">There is no complete answer.</exception>
    /// <exception cref="OperationCanceledException">The caller's own budget ran out.</exception>
    public async Task<HttpReply> SendAsync(
        HttpMessageInvoker client, HttpRequestMessage request, string peer, int maxBytes, CancellationToken cancellation)
    {
        using var budget = new CancellationTokenSource(options.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellation);
        try
        {
            using var response = await client.SendAsync(request, linked.Token).ConfigureAwait(false);
            return await ReadAsync(response, maxBytes, linked.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw TransportErrors.From(e, peer);
        }
        catch (IOException e)
        {
            throw TransportErrors.From(e, peer);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw budget.IsCancellationRequested
                ? TransportErrors.TimedOut(peer, "answer", options.RequestTimeout, e)
                : TransportErrors.TimedOut(peer, "accept a connection", options.ConnectTimeout, e);
        }
    }

    private static async Task<HttpReply> ReadAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellation)
    {
        var challenges = response.StatusCode == HttpStatusCode.Unauthorized ? response.Headers.WwwAuthenticate.ToArray() : [];
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new HttpReply(response.StatusCode, [], TooLarge: false, challenges, response.Headers.Location, null);
        }

        var body = await BoundedBody.ReadAsync(response.Content, maxBytes, cancellation).ConfigureAwait(false);
        var link = response.Headers.TryGetValues("Link", out var links) ? string.Join(", ", links) : null;
        return new HttpReply(response.StatusCode, body ?? [], TooLarge: body is null, challenges, null, link);
    }
}
