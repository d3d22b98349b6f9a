namespace AuthzPlugin.Gate.Proxy;

/// <summary>What came over a connection is not HTTP/1.1 as this gate takes it. The message is half a sentence about it, fit for a user.</summary>
public sealed class WireException(string message, int status = WireException.BadRequest) : IOException(message)
{
    private const int BadRequest = 400;

    /// <summary>The status that a client is answered with.</summary>
    public int Status { get; } = status;
}
