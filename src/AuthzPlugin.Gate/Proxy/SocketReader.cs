using System.Buffers;
using System.Net.Sockets;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Reads a socket through a buffer that exists only while there is something in it: a thousand idle connections hold no memory.
/// For one reader at a time; <see cref="WatchAsync"/> is a read that the next reader takes over.
/// </summary>
internal sealed class SocketReader(Socket socket) : IDisposable
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private Task<bool>? _watch;

    // The last read filled its buffer: more is there, and more at a time is faster.
    private bool _plenty;
    private bool _keepsBuffer;

    /// <summary>Bytes that came and were not consumed. Nothing may be read of it while a watch is under way.</summary>
    public ReadOnlyMemory<byte> Available => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Nothing came that was not consumed. May be asked while somebody reads, and is then true or false as of about now.</summary>
    public bool IsEmpty => Volatile.Read(ref _start) == Volatile.Read(ref _end);

    /// <summary>
    /// More bytes are about to come: the buffer stays while they are waited for (<see cref="LargeBodies"/>). Not to be changed while somebody reads.
    /// </summary>
    public bool KeepsBuffer
    {
        get => _keepsBuffer;
        set
        {
            _keepsBuffer = value;
            if (_start == _end)
            {
                Release();
            }
        }
    }

    public void Consume(int count)
    {
        _start += count;
        if (_start != _end)
        {
            return;
        }

        if (KeepsBuffer)
        {
            (_start, _end) = (0, 0);
        }
        else
        {
            Release();
        }
    }

    /// <summary>Waits for more bytes behind those that are there; false at the end of the stream.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_watch is not { } watch)
        {
            return await ReceiveAsync(cancellation).ConfigureAwait(false);
        }

        var more = await watch.WaitAsync(cancellation).ConfigureAwait(false);
        _watch = null;
        return more;
    }

    /// <summary>Ends a watch that is under way, if there is one, by waiting for what it waits for.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellation)
    {
        if (_watch is not null)
        {
            await FillAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Looks whether the other side ends its stream while nobody reads; true when bytes came instead, which stay for the next reader.</summary>
    public Task<bool> WatchAsync() => _watch ??= ReceiveAsync(CancellationToken.None);

    public void Dispose() => Release();

    private async Task<bool> ReceiveAsync(CancellationToken cancellation)
    {
        try
        {
            if (_start == _end && !_plenty && !KeepsBuffer)
            {
                // Waits without a buffer; one that is full of bytes nobody waited for is taken at once.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation).ConfigureAwait(false);
            }

            MakeSpace();
            var space = _buffer.AsMemory(_end);
            var read = await socket.ReceiveAsync(space, SocketFlags.None, cancellation).ConfigureAwait(false);
            _end += read;
            _plenty = read == space.Length;
            if (_start == _end)
            {
                Release();
            }

            return read > 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException("the connection broke", e);
        }
    }

    private void MakeSpace()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        var kept = _end - _start;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_plenty || KeepsBuffer ? WireLimits.LargeReadBytes : WireLimits.ReadBytes, kept * 2));
        Available.CopyTo(larger);
        var old = _buffer;
        (_buffer, _start, _end) = (larger, 0, kept);
        Return(old);
    }

    private void Release()
    {
        var old = _buffer;
        (_buffer, _start, _end) = ([], 0, 0);
        Return(old);
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
