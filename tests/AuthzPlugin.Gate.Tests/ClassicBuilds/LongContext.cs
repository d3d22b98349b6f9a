using static AuthzPlugin.Gate.Tests.ClassicBuilds.TarWriting;

namespace AuthzPlugin.Gate.Tests.ClassicBuilds;

/// <summary>A context that exists only while it is read: one long file, then the Dockerfile.</summary>
internal sealed class LongContext(long size) : AuthzPlugin.Gate.Proxy.ForwardStream
{
    private readonly byte[] _head = Raw("long", '0', "", b => Put(b, 124, Convert.ToString(size, 8).PadLeft(11, '0') + "\0"));
    private readonly byte[] _tail = Join(Raw("Dockerfile", '0', Dockerfile));
    private long _at;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var span = buffer.Span;
        var read = _at < _head.Length ? Copy(_head, _at, span)
            : _at < _head.Length + size ? Fill(span, _head.Length + size - _at)
            : Copy(_tail, _at - _head.Length - size, span);
        _at += read;
        return ValueTask.FromResult(read);
    }

    private static int Copy(byte[] from, long at, Span<byte> to)
    {
        var count = (int)Math.Min(from.Length - at, to.Length);
        from.AsSpan((int)at, count).CopyTo(to);
        return count;
    }

    private static int Fill(Span<byte> to, long left)
    {
        var count = (int)Math.Min(left, to.Length);
        to[..count].Fill((byte)'x');
        return count;
    }
}
