using System.Net.Sockets;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// One end of a connection as a stream: what was read ahead comes first, and writing can end before reading does.
/// Does not own the connection.
/// </summary>
public sealed class DuplexStream : Stream
{
    private readonly Socket _socket;
    private readonly SocketReader _reader;

    internal DuplexStream(Socket socket, SocketReader reader)
    {
        _socket = socket;
        _reader = reader;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A write failed: the other side is gone, or reads no more.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Tells the other side that no more bytes come; what it still sends can be read. Harmless when it is gone.</summary>
    public void EndWriting()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other side is gone: there is nobody left to tell.
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _reader.SettleAsync(cancellationToken).ConfigureAwait(false);
        if (_reader.Available.IsEmpty && !await _reader.FillAsync(cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _reader.Available.Length);
        _reader.Available[..count].CopyTo(buffer);
        _reader.Consume(count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[await _socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            IsBroken = true;
            throw new IOException("the connection broke", e);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("asynchronous only");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Passes bytes on as they come until this stream ends, and then ends the other's writing.</summary>
    /// <exception cref="IOException">Either connection broke.</exception>
    public async Task PumpToAsync(DuplexStream other, CancellationToken cancellation)
    {
        await _reader.SettleAsync(cancellation).ConfigureAwait(false);
        while (!_reader.Available.IsEmpty || await _reader.FillAsync(cancellation).ConfigureAwait(false))
        {
            await other.WriteAsync(_reader.Available, cancellation).ConfigureAwait(false);
            _reader.Consume(_reader.Available.Length);
        }

        other.EndWriting();
    }
}
