namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Bodies that proved large (docker load, save, build contexts) and keep their read buffer while they wait for more bytes: their next ones
/// come at once, and then a buffer that is there saves a system call and the search for one. So many at a time, because a client may stop
/// sending; the others are read as everything is, without a buffer while nothing comes. Safe for concurrent use.
/// </summary>
internal sealed class LargeBodies(int most)
{
    /// <summary>Bytes after which a body counts as large.</summary>
    public const long LargeBytes = 1 << 20;

    private int _count;

    /// <summary>Disposed when the body was passed, or will not be.</summary>
    public LargeBody Watch(SocketReader reader) => new(this, reader);

    internal bool TryTake()
    {
        if (Interlocked.Increment(ref _count) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    internal void Give() => Interlocked.Decrement(ref _count);
}

/// <summary>One body on its way, by the reader that it comes from. For the one who reads.</summary>
internal sealed class LargeBody(LargeBodies all, SocketReader reader) : IDisposable
{
    private long _passed;

    public void Add(int bytes)
    {
        var before = _passed;
        _passed += bytes;
        if (before < LargeBodies.LargeBytes && _passed >= LargeBodies.LargeBytes)
        {
            reader.KeepsBuffer = all.TryTake();
        }
    }

    public void Dispose()
    {
        if (reader.KeepsBuffer)
        {
            reader.KeepsBuffer = false;
            all.Give();
        }
    }
}
