namespace AuthzPlugin.Gate.Http2;

/// <summary>Why a connection or stream ended, in the words of RFC 9113 section 7.</summary>
internal enum Http2ErrorCode
{
    NoError = 0,
    ProtocolError = 1,
    InternalError = 2,
    FlowControlError = 3,
    StreamClosed = 5,
    FrameSizeError = 6,
    RefusedStream = 7,
    Cancel = 8,
    CompressionError = 9,
    EnhanceYourCalm = 11,
}

/// <summary>The peer broke the protocol or a limit; the connection it happened on ends.</summary>
internal sealed class Http2Exception(Http2ErrorCode code, string message) : IOException(message)
{
    public Http2ErrorCode Code { get; } = code;
}

/// <summary>The peer, or the end of its connection, ended one stream early.</summary>
internal sealed class Http2StreamException(Http2ErrorCode code, string message) : IOException(message)
{
    public Http2ErrorCode Code { get; } = code;
}
