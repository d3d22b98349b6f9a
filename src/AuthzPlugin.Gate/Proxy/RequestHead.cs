namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// A request's head that has one reading: every rule of <see cref="HeadParser"/> held. Texts are Latin-1, one char for a byte.
/// </summary>
/// <param name="Method">As sent; upper-case letters.</param>
/// <param name="Target">Raw request target with the query; origin or absolute form.</param>
public sealed record RequestHead(string Method, string Target, HeaderFields Headers)
{
    /// <summary>How the body is told. Never <see cref="BodyFramingKind.UntilClose"/>.</summary>
    public BodyFraming Framing => Headers["Transfer-Encoding"] is not null ? BodyFraming.Chunked
        : Headers["Content-Length"] is { } length ? BodyFraming.OfLength(long.Parse(length, System.Globalization.CultureInfo.InvariantCulture))
        : BodyFraming.None;

    /// <summary>The protocol of an upgrade that is asked for, in lower case; null when none is.</summary>
    public string? Upgrade => Headers["Upgrade"]?.ToLowerInvariant();

    /// <summary>The client waits for <c>100 Continue</c> before it sends the body.</summary>
    public bool ExpectsContinue => Headers["Expect"] is not null;

    /// <summary>The client wants the connection closed after the answer.</summary>
    public bool Closes => Headers.HasToken("Connection", "close");

    /// <summary>The same request for a body that is sent in chunks.</summary>
    public RequestHead WithChunkedBody() =>
        this with { Headers = Headers.Without("Content-Length", "Expect").With("Transfer-Encoding", "chunked") };

    /// <summary>The same request without a body.</summary>
    public RequestHead WithoutBody() =>
        this with { Headers = Headers.Without("Transfer-Encoding", "Expect", "Trailer").With("Content-Length", "0") };

    public byte[] ToBytes() => HeadWriter.Write($"{Method} {Target} HTTP/1.1", Headers);
}
