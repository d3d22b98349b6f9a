namespace AuthzPlugin.Gate.Http2;

/// <summary>What one connection may cost. The window of the connection holds all windows of its streams, so that no stalled stream stops another.</summary>
internal static class Http2Limits
{
    /// <summary>Bytes of a frame's payload, both ways: the protocol's own minimum, which every peer takes.</summary>
    public const int FrameSize = 16_384;

    /// <summary>Bytes that a stream may have on the way to us.</summary>
    public const int StreamWindow = 256 * 1024;

    /// <summary>Streams that a peer may have open at once.</summary>
    public const int Streams = 128;

    /// <summary>Bytes that a connection may have on the way to us.</summary>
    public const int ConnectionWindow = StreamWindow * (Streams + 1);

    /// <summary>Bytes of a header block, before and after decoding. A build context's ignore patterns are headers, one line each.</summary>
    public const int HeaderBlock = 1024 * 1024;

    /// <summary>Frames of one header block: a peer that sends a byte in each is not honest.</summary>
    public const int HeaderFrames = 1024;

    /// <summary>The window that a peer has before anything was agreed.</summary>
    public const int InitialWindow = 65_535;
}
