using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;
using Google.Protobuf;

namespace AuthzPlugin.Gate.BuildKit.Grpc;

/// <summary>A call of the gate's own.</summary>
internal sealed class GrpcCall : IDisposable
{
    private readonly Http2Stream _stream;

    private GrpcCall(Http2Stream stream) => _stream = stream;

    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="metadata">Further header fields; a name may come more than once.</param>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<GrpcCall> StartAsync(
        Http2Connection connection, string path, IEnumerable<HeaderField> metadata, CancellationToken cancellation)
    {
        HeaderField[] headers =
        [
            new(":method", "POST"), new(":scheme", "http"), new(":path", path), new(":authority", "localhost"),
            new("content-type", "application/grpc"), new("te", "trailers"), new("user-agent", "content-trust"),
        ];
        return new GrpcCall(await connection.OpenAsync([.. headers, .. metadata], end: false, cancellation).ConfigureAwait(false));
    }

    /// <summary>One message there and one back.</summary>
    /// <exception cref="GrpcException">The call failed; the status is the peer's.</exception>
    public static async Task<T> AskAsync<T>(
        Http2Connection connection, string path, IMessage request, MessageParser<T> answers, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        using var call = await StartAsync(connection, path, [], cancellation).ConfigureAwait(false);
        await call._stream.SendAsync(GrpcMessages.Frame(request), end: true, cancellation).ConfigureAwait(false);
        return await call.ReadAsync(answers, cancellation).ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.Internal, "the call has no answer");
    }

    public ValueTask WriteAsync(IMessage message, CancellationToken cancellation) =>
        _stream.SendAsync(GrpcMessages.Frame(message), end: false, cancellation);

    /// <summary>There are no more messages of ours.</summary>
    public ValueTask EndAsync(CancellationToken cancellation) => _stream.SendAsync(default, end: true, cancellation);

    /// <summary>The next message; null when the call ended well.</summary>
    /// <exception cref="GrpcException">It ended with another status.</exception>
    public async Task<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var headers = await _stream.ReadHeadersAsync(cancellation).ConfigureAwait(false);
        if (await GrpcMessages.ReadAsync(_stream, parser, cancellation).ConfigureAwait(false) is { } message)
        {
            return message;
        }

        var (code, text) = GrpcStatus.Read(headers, _stream.Trailers);
        return code == GrpcStatusCode.Ok ? null : throw new GrpcException(code, text);
    }

    public void Dispose() => _stream.Dispose();
}
