namespace AuthzPlugin.Gate.Proxy;

/// <summary>How the end of a body is told.</summary>
public enum BodyFramingKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Content-Length.</summary>
    Length,

    /// <summary>Transfer-Encoding: chunked.</summary>
    Chunked,

    /// <summary>The connection's end; answers only.</summary>
    UntilClose,
}

/// <param name="Length">Bytes of a body of kind <see cref="BodyFramingKind.Length"/>.</param>
public readonly record struct BodyFraming(BodyFramingKind Kind, long Length)
{
    public static readonly BodyFraming None = new(BodyFramingKind.None, 0);

    public static readonly BodyFraming Chunked = new(BodyFramingKind.Chunked, 0);

    public static readonly BodyFraming UntilClose = new(BodyFramingKind.UntilClose, 0);

    public static BodyFraming OfLength(long length) => length == 0 ? None : new(BodyFramingKind.Length, length);
}
