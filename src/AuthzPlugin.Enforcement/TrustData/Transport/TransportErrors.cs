using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Transport;

/// <summary>Failures of HTTP as half sentences for a person.</summary>
internal static class TransportErrors
{
    public static TransportException TimedOut(string peer, string what, TimeSpan budget, Exception? inner) =>
        new(TransportFault.TimedOut, string.Create(CultureInfo.InvariantCulture, $"{peer} did not {what} in {budget.TotalSeconds:0.###} s"), inner);

    public static TransportException From(HttpRequestException e, string peer) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError =>
            new(TransportFault.Unreachable, $"the host name of {peer} cannot be resolved", e),
        HttpRequestError.SecureConnectionError =>
            new(TransportFault.Tls, $"the TLS connection to {peer} failed: {TlsReason(e)}", e),
        HttpRequestError.ProxyTunnelError =>
            new(TransportFault.Unreachable, $"the proxy does not connect to {peer}", e),
        HttpRequestError.ConnectionError =>
            new(TransportFault.Unreachable, $"{peer} cannot be reached: {SocketReason(e)}", e),
        HttpRequestError.ResponseEnded => Interrupted(peer, e),
        HttpRequestError.Unknown when e.InnerException is IOException => Interrupted(peer, e),
        _ => new(TransportFault.Protocol, $"{peer} does not answer in valid HTTP", e),
    };

    public static TransportException From(IOException e, string peer) =>
        e is HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }
            ? new(TransportFault.Protocol, $"{peer} does not answer in valid HTTP", e)
            : Interrupted(peer, e);

    /// <summary>A status that is neither 200, 401, 403 nor 404.</summary>
    public static TransportException Status(HttpStatusCode status, string peer) => (int)status switch
    {
        429 => new(TransportFault.TooManyRequests, $"{peer} refuses more requests for now (429)"),
        >= 500 and <= 599 => new(TransportFault.ServerError, $"{peer} has a fault of its own ({(int)status})"),
        >= 300 and <= 399 => new(TransportFault.Protocol, $"{peer} answers with a redirect ({(int)status}), which a trust server must not"),
        _ => new(TransportFault.Protocol, $"{peer} answers with the unexpected status {(int)status}"),
    };

    private static TransportException Interrupted(string peer, Exception inner) =>
        new(TransportFault.Unreachable, $"{peer} ended the connection before the answer was complete", inner);

    private static string SocketReason(HttpRequestException e) => (e.InnerException as SocketException)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset => "connection reset",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "no route to it",
        SocketError.TimedOut => "it does not accept connections",
        _ => "no connection",
    };

    // The runtime keeps the reason in the text of AuthenticationException only; an unknown text loses a detail, not the fault.
    private static string TlsReason(HttpRequestException e)
    {
        var text = (e.InnerException as AuthenticationException)?.Message ?? "";
        return text switch
        {
            _ when text.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal) => "its certificate is for another host name",
            _ when text.Contains("NotTimeValid", StringComparison.Ordinal) => "its certificate has expired or is not valid yet",
            _ when text.Contains("PartialChain", StringComparison.Ordinal) || text.Contains("UntrustedRoot", StringComparison.Ordinal) =>
                "its certificate is from an authority that this host does not know (a *.crt in /etc/docker/certs.d/HOST adds one)",
            _ when text.Contains("RemoteCertificate", StringComparison.Ordinal) => "its certificate is not acceptable",
            _ => "no common protocol, or the server wants a client certificate",
        };
    }
}
