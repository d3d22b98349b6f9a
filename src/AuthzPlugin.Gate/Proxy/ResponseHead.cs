namespace AuthzPlugin.Gate.Proxy;

/// <summary>An answer's head.</summary>
/// <param name="Reason">The text after the status; may be empty.</param>
public sealed record ResponseHead(int Status, string Reason, HeaderFields Headers)
{
    public const int SwitchingProtocols = 101;

    /// <summary>1xx other than 101: the answer itself follows.</summary>
    public bool IsInterim => Status is >= 100 and < 200 && Status != SwitchingProtocols;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whoever answers closes the connection afterwards.</summary>
    public bool Closes => Headers.HasToken("Connection", "close");

    /// <summary>How the body is told, which depends on the request's method (RFC 9112 6.3).</summary>
    public BodyFraming FramingFor(string method) =>
        method == "HEAD" || Status is < 200 or 204 or 304 ? BodyFraming.None
        : Headers["Transfer-Encoding"] is not null ? BodyFraming.Chunked
        : Headers["Content-Length"] is { } length ? BodyFraming.OfLength(long.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
        : BodyFraming.UntilClose;

    public ResponseHead WithChunkedBody() => this with { Headers = Headers.Without("Content-Length").With("Transfer-Encoding", "chunked") };

    public ResponseHead WithClose() => this with { Headers = Headers.With("Connection", "close") };

    public byte[] ToBytes() => HeadWriter.Write($"HTTP/1.1 {Status} {Reason}", Headers);
}
