namespace AuthzPlugin.Testing.Notary;

/// <summary>What the simulator answers instead of the truth.</summary>
public abstract record Answer
{
    /// <summary>A status without a body.</summary>
    public sealed record Status(int Code) : Answer;

    /// <summary>A redirect.</summary>
    public sealed record Redirect(string Location, int Code = 302) : Answer;

    /// <summary>Other bytes, with a correct Content-Length.</summary>
    public sealed record Bytes(byte[] Body) : Answer;

    /// <summary>The true bytes, changed.</summary>
    public sealed record Changed(Func<byte[], byte[]> Change) : Answer;

    /// <summary>The true bytes without a Content-Length.</summary>
    public sealed record Chunked : Answer;

    /// <summary>Zeros without end and without a Content-Length.</summary>
    public sealed record Endless : Answer;

    /// <summary>A Content-Length without a body: the connection stays open until the client has enough.</summary>
    public sealed record Announced(long Length) : Answer;

    /// <summary>The right Content-Length and the first half of the body; then the connection ends.</summary>
    public sealed record CutOff : Answer;

    /// <summary>One byte now and then.</summary>
    public sealed record Trickle : Answer;

    /// <summary>No answer until the client has enough.</summary>
    public sealed record Silence : Answer;

    /// <summary>The connection ends at once.</summary>
    public sealed record HangUp : Answer;

    /// <summary>The true answer, when the test lets it go.</summary>
    public sealed record Held(Task Release) : Answer;
}
