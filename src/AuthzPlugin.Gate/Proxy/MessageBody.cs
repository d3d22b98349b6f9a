namespace AuthzPlugin.Gate.Proxy;

/// <summary>The body of one message on a connection: passed on as it is, or decoded as a stream. In constant memory either way.</summary>
internal sealed class MessageBody(SocketReader reader, BodyFraming framing)
{
    private readonly ChunkScanner _scanner = new();
    private long _left = framing.Length;
    private bool _done = framing.Kind == BodyFramingKind.None;

    /// <summary>Every byte of it was consumed.</summary>
    public bool IsDone => _done;

    /// <summary>
    /// The next bytes as they are on the wire, framing included; empty when there are no more. They stay valid, and the next ones
    /// are not to be asked for, until <see cref="Consume"/>.
    /// </summary>
    /// <exception cref="IOException">The connection broke or ended within the body, or (<see cref="WireException"/>) the coding is wrong.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> NextRawAsync(CancellationToken cancellation)
    {
        if (_done || !await HasBytesAsync(cancellation).ConfigureAwait(false))
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        return reader.Available[..Measure(reader.Available.Span)];
    }

    public void Consume(int count) => reader.Consume(count);

    /// <summary>The next bytes of content; 0 at the end.</summary>
    /// <exception cref="IOException">As for <see cref="NextRawAsync"/>.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (framing.Kind == BodyFramingKind.Chunked)
        {
            return await ReadChunkedAsync(buffer, cancellation).ConfigureAwait(false);
        }

        if (buffer.IsEmpty || _done || !await HasBytesAsync(cancellation).ConfigureAwait(false))
        {
            return 0;
        }

        var available = reader.Available;
        var count = Math.Min(available.Length, buffer.Length);
        count = Measure(available.Span[..count]);
        available[..count].CopyTo(buffer);
        reader.Consume(count);
        return count;
    }

    private async ValueTask<int> ReadChunkedAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        while (!buffer.IsEmpty && !_done && await HasBytesAsync(cancellation).ConfigureAwait(false))
        {
            var available = reader.Available;
            available = available[..Math.Min(available.Length, buffer.Length)];
            var consumed = _scanner.Scan(available.Span, out var data);
            _done = _scanner.IsDone;
            var content = available[data];
            content.CopyTo(buffer);
            reader.Consume(consumed);
            if (!content.IsEmpty)
            {
                return content.Length;
            }
        }

        return 0;
    }

    private async ValueTask<bool> HasBytesAsync(CancellationToken cancellation)
    {
        if (!reader.Available.IsEmpty || await reader.FillAsync(cancellation).ConfigureAwait(false))
        {
            return true;
        }

        _done = framing.Kind == BodyFramingKind.UntilClose ? true : throw new EndOfStreamException("the connection ended within a body");
        return false;
    }

    /// <summary>How many of these bytes belong to the body, which they are then counted to.</summary>
    private int Measure(ReadOnlySpan<byte> bytes)
    {
        if (framing.Kind == BodyFramingKind.UntilClose)
        {
            return bytes.Length;
        }

        if (framing.Kind == BodyFramingKind.Length)
        {
            var count = (int)Math.Min(_left, bytes.Length);
            _left -= count;
            _done = _left == 0;
            return count;
        }

        var position = 0;
        while (position < bytes.Length && !_scanner.IsDone)
        {
            position += _scanner.Scan(bytes[position..], out _);
        }

        _done = _scanner.IsDone;
        return position;
    }
}
