namespace AuthzPlugin.Gate.Proxy;

/// <summary>Bounds of what is read from a connection before anything of it is believed.</summary>
public static class WireLimits
{
    /// <summary>Most bytes of a head, request or answer: what Go's server takes, so that no honest request is cut short.</summary>
    public const int HeadBytes = 1 << 20;

    /// <summary>Most header fields of a head. The Docker CLI sends under 15.</summary>
    public const int Headers = 128;

    /// <summary>Most bytes of one header line. X-Registry-Config carries the logins of every registry.</summary>
    public const int HeaderLineBytes = 512 * 1024;

    /// <summary>Most bytes of a line of the chunked coding: a size in hex digits.</summary>
    public const int ChunkLineBytes = 1024;

    /// <summary>Most hex digits of a chunk's size: a signed 64-bit number.</summary>
    public const int ChunkSizeDigits = 15;

    /// <summary>Most bytes of all trailer lines of a body.</summary>
    public const int TrailerBytes = 16 * 1024;

    /// <summary>Most digits of a Content-Length: fits a signed 64-bit number.</summary>
    public const int ContentLengthDigits = 18;

    /// <summary>Bytes that are read at once.</summary>
    public const int ReadBytes = 64 * 1024;

    /// <summary>Bytes that are read at once while more is there than fits in less: what a Unix socket queues.</summary>
    public const int LargeReadBytes = 256 * 1024;

    /// <summary>
    /// What the kernel may queue towards the engine: the most that Linux grants an unprivileged socket by default, of which it makes twice as
    /// much. The engine has something to do then while the gate waits for the client's next bytes. Empty, it takes no memory.
    /// </summary>
    public const int SendBufferBytes = 212_992;
}
