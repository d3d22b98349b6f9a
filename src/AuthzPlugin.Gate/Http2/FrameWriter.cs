using System.Buffers;
using System.Buffers.Binary;

namespace AuthzPlugin.Gate.Http2;

/// <summary>Writes whole frames, one caller at a time. A header block and its continuations go out together, as the protocol wants.</summary>
internal sealed class FrameWriter(Stream transport) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Takes the turn; frames written by others wait until it is given back. For what must happen in one order, as stream numbers must.</summary>
    public async ValueTask<Turn> TurnAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(this);
    }

    public async ValueTask WriteAsync(FrameType type, byte flags, int streamId, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        using var turn = await TurnAsync(cancellation).ConfigureAwait(false);
        await turn.WriteAsync(type, flags, streamId, payload).ConfigureAwait(false);
    }

    public ValueTask WriteNumberAsync(FrameType type, int streamId, uint number, CancellationToken cancellation)
    {
        var payload = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(payload, number);
        return WriteAsync(type, 0, streamId, payload, cancellation);
    }

    public void Dispose() => _turn.Dispose();

    public readonly struct Turn(FrameWriter writer) : IDisposable
    {
        // No cancellation: half a frame would break the connection for all.
        public async ValueTask WriteAsync(FrameType type, byte flags, int streamId, ReadOnlyMemory<byte> payload)
        {
            var frame = ArrayPool<byte>.Shared.Rent(FrameHeader.Size + payload.Length);
            try
            {
                new FrameHeader(payload.Length, type, flags, streamId).Write(frame);
                payload.CopyTo(frame.AsMemory(FrameHeader.Size));
                await writer.Transport.WriteAsync(frame.AsMemory(0, FrameHeader.Size + payload.Length), CancellationToken.None).ConfigureAwait(false);
                await writer.Transport.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(frame);
            }
        }

        public async ValueTask WriteHeadersAsync(int streamId, ReadOnlyMemory<byte> block, bool end)
        {
            var type = FrameType.Headers;
            var flags = end ? FrameHeader.EndStream : (byte)0;
            while (block.Length > Http2Limits.FrameSize)
            {
                await WriteAsync(type, flags, streamId, block[..Http2Limits.FrameSize]).ConfigureAwait(false);
                (type, flags, block) = (FrameType.Continuation, 0, block[Http2Limits.FrameSize..]);
            }

            await WriteAsync(type, (byte)(flags | FrameHeader.EndHeaders), streamId, block).ConfigureAwait(false);
        }

        public void Dispose() => writer._turn.Release();
    }

    private Stream Transport => transport;
}
