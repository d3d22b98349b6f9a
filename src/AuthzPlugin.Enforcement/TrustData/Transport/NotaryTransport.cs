using System.Net;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>
/// Fetches metadata files from trust servers (Notary 0.7 HTTP API). What it returns is unverified. Safe for concurrent use.
/// </summary>
/// <param name="meter">Counts requests; null: nothing is counted.</param>
public sealed class NotaryTransport(TrustDataOptions options, RegistryCredentials credentials, TimeProvider time, TrustMeter? meter = null) : IDisposable
{
    private readonly AuthorizedHttp _http = new(options, credentials, time);

    /// <summary>The bytes of a metadata file, or null when the server answers that it has none (404).</summary>
    /// <param name="name">File name without <c>.json</c>, see <see cref="NotaryEndpoint.File"/>.</param>
    /// <param name="maxBytes">Limit of the body.</param>
    /// <exception cref="RepositoryException">The file is larger than the limit.</exception>
    /// <exception cref="TransportException">There is no complete answer, or a login is needed.</exception>
    /// <exception cref="OperationCanceledException">The caller's budget ran out.</exception>
    public async Task<byte[]?> GetAsync(NotaryEndpoint endpoint, string name, int maxBytes, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
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
            meter?.Asked(endpoint.Server, started, problem);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]?> AskAsync(NotaryEndpoint endpoint, string name, int maxBytes, CancellationToken cancellation)
    {
        var login = endpoint.Login;
        var reply = await _http.GetAsync(login, endpoint.File(name), [], maxBytes, cancellation).ConfigureAwait(false);
        return reply.Status switch
        {
            HttpStatusCode.OK when reply.TooLarge =>
                throw new RepositoryException(RepositoryFault.TooLarge, $"{login.Peer} sends a {name} file of more than {maxBytes} bytes", name),
            HttpStatusCode.OK => reply.Body,
            HttpStatusCode.NotFound => null,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                throw await _http.LoginNeededAsync(login, cancellation).ConfigureAwait(false),
            _ => throw TransportErrors.Status(reply.Status, login.Peer),
        };
    }
}
