namespace AuthzPlugin.Gate.Http2;

/// <summary>Reads whole frames, and puts header blocks together from theirs. One reader at a time; the payload is valid until the next read.</summary>
internal sealed class FrameReader(Stream transport)
{
    private readonly byte[] _head = new byte[FrameHeader.Size];
    private readonly byte[] _payload = new byte[Http2Limits.FrameSize];

    /// <summary>Null at the end of the connection, between two frames.</summary>
    /// <exception cref="Http2Exception">A frame that is too long.</exception>
    public async ValueTask<(FrameHeader Header, ReadOnlyMemory<byte> Payload)?> ReadAsync(CancellationToken cancellation)
    {
        var first = await transport.ReadAsync(_head, cancellation).ConfigureAwait(false);
        if (first == 0)
        {
            return null;
        }

        await transport.ReadExactlyAsync(_head.AsMemory(first), cancellation).ConfigureAwait(false);
        var header = FrameHeader.Read(_head);
        if (header.Length > _payload.Length)
        {
            throw new Http2Exception(Http2ErrorCode.FrameSizeError, $"a frame of {header.Length} bytes");
        }

        var payload = _payload.AsMemory(0, header.Length);
        await transport.ReadExactlyAsync(payload, cancellation).ConfigureAwait(false);
        return (header, payload);
    }

    /// <summary>The block that begins in this HEADERS frame and ends in its last continuation.</summary>
    public async ValueTask<byte[]> ReadBlockAsync(FrameHeader first, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var block = new MemoryStream();
        block.Write(Unpadded(first, payload).Span[(first.Has(FrameHeader.HasPriority) ? 5 : 0)..]);
        var header = first;
        for (var frames = 1; !header.Has(FrameHeader.EndHeaders); frames++)
        {
            if (frames == Http2Limits.HeaderFrames || block.Length > Http2Limits.HeaderBlock)
            {
                throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "the header block is too long");
            }

            (header, var more) = await ReadAsync(cancellation).ConfigureAwait(false)
                ?? throw new Http2Exception(Http2ErrorCode.ProtocolError, "the connection ended inside a header block");
            if (header.Type != FrameType.Continuation || header.StreamId != first.StreamId)
            {
                throw new Http2Exception(Http2ErrorCode.ProtocolError, "a header block was interrupted");
            }

            block.Write(more.Span);
        }

        return block.ToArray();
    }

    /// <summary>The payload without the padding that DATA and HEADERS may have.</summary>
    public static ReadOnlyMemory<byte> Unpadded(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var least = header.Type == FrameType.Headers && header.Has(FrameHeader.HasPriority) ? 5 : 0;
        if (!header.Has(FrameHeader.Padded))
        {
            return payload.Length >= least ? payload : throw BadPadding();
        }

        var rest = payload.Length - 1;
        return rest >= 0 && rest - payload.Span[0] >= least ? payload.Slice(1, rest - payload.Span[0]) : throw BadPadding();
    }

    private static Http2Exception BadPadding() => new(Http2ErrorCode.ProtocolError, "a frame is shorter than it says");
}
