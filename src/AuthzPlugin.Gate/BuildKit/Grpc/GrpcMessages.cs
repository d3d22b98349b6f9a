using System.Buffers.Binary;
using AuthzPlugin.Gate.Http2;
using Google.Protobuf;

namespace AuthzPlugin.Gate.BuildKit.Grpc;

/// <summary>gRPC's framing: each message has a byte that says whether it is compressed, and its length.</summary>
internal static class GrpcMessages
{
    /// <summary>Bytes of one message; what the engine takes.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int PrefixLength = 5;

    public static byte[] Frame(IMessage message)
    {
        var frame = new byte[PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - PrefixLength);
        message.WriteTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    /// <summary>The next message; null at the end of the stream.</summary>
    /// <exception cref="GrpcException">It is compressed, too long, or ends early; or it is not a message of this kind.</exception>
    public static async Task<T?> ReadAsync<T>(Http2Stream stream, MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var prefix = new byte[PrefixLength];
        if (!await FillAsync(stream, prefix, mayEnd: true, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        if (prefix[0] != 0)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, "the message is compressed, and the gate reads only plain ones");
        }

        if (length > MaxLength)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"the message has {length} bytes, and the gate reads at most {MaxLength}");
        }

        var message = new byte[length];
        await FillAsync(stream, message, mayEnd: false, cancellation).ConfigureAwait(false);
        return Parse(parser, message);
    }

    /// <summary>The one message of a call that has one.</summary>
    /// <exception cref="GrpcException">There are none, or two.</exception>
    public static async Task<T> ReadOnlyAsync<T>(Http2Stream stream, MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var message = await ReadAsync(stream, parser, cancellation).ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "the call has no message");
        return await stream.ReadAsync(new byte[1], cancellation).ConfigureAwait(false) == 0
            ? message
            : throw new GrpcException(GrpcStatusCode.InvalidArgument, "the call has more than one message");
    }

    private static T Parse<T>(MessageParser<T> parser, byte[] message)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"the message cannot be read: {e.Message}");
        }
    }

    private static async Task<bool> FillAsync(Http2Stream stream, Memory<byte> buffer, bool mayEnd, CancellationToken cancellation)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer[filled..], cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                return mayEnd && filled == 0 ? false : throw new GrpcException(GrpcStatusCode.InvalidArgument, "the message ends early");
            }

            filled += read;
        }

        return true;
    }
}
