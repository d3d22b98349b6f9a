using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.BuildKit.Grpc;

/// <summary>Passes one call from a connection to another: headers, messages and trailers both ways as they come, ends and resets as they happen.</summary>
internal static class StreamRelay
{
    private const int BufferBytes = 32 * 1024;

    // Of one connection, not of the call. (RFC 9113, section 8.2.2; none is legal in HTTP/2.)
    private static readonly string[] NotPassedOn = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

    /// <summary>The whole call, from its headers on.</summary>
    public static async Task PassAsync(Http2Stream from, Http2Connection to, CancellationToken cancellation)
    {
        var headers = Passed(await from.ReadHeadersAsync(cancellation).ConfigureAwait(false));
        using var onwards = await to.OpenAsync(headers, end: false, cancellation).ConfigureAwait(false);
        await RunAsync(from, onwards, null, _ => { }, () => Task.CompletedTask, cancellation).ConfigureAwait(false);
    }

    /// <summary>The call with a request body of ours in place of the client's, which was read before.</summary>
    public static Task PassAsync(Http2Stream from, Http2Connection to, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        PassAsync(from, to, body, _ => { }, () => Task.CompletedTask, cancellation);

    /// <inheritdoc cref="PassAsync(Http2Stream, Http2Connection, ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="answered">Sees the data of the answer as it passes.</param>
    /// <param name="beforeEnd">Done when the answer is whole, before the client learns so.</param>
    public static async Task PassAsync(
        Http2Stream from,
        Http2Connection to,
        ReadOnlyMemory<byte> body,
        Action<ReadOnlyMemory<byte>> answered,
        Func<Task> beforeEnd,
        CancellationToken cancellation)
    {
        var headers = Passed(await from.ReadHeadersAsync(cancellation).ConfigureAwait(false)).Where(f => f.Name != "content-length");
        using var onwards = await to.OpenAsync(headers, end: false, cancellation).ConfigureAwait(false);
        await RunAsync(from, onwards, body, answered, beforeEnd, cancellation).ConfigureAwait(false);
    }

    private static List<HeaderField> Passed(IReadOnlyList<HeaderField> headers) => [.. headers.Where(f => !NotPassedOn.Contains(f.Name))];

    private static async Task RunAsync(
        Http2Stream from,
        Http2Stream onwards,
        ReadOnlyMemory<byte>? body,
        Action<ReadOnlyMemory<byte>> answered,
        Func<Task> beforeEnd,
        CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, from.Aborted, onwards.Aborted);
        var request = RequestAsync(from, onwards, body, both.Token);
        try
        {
            await AnswerAsync(onwards, from, answered, beforeEnd, both.Token).ConfigureAwait(false);
            await onwards.ResetAsync(Http2ErrorCode.NoError).ConfigureAwait(false);
            await from.ResetAsync(Http2ErrorCode.NoError).ConfigureAwait(false);
        }
        catch (Exception e) when (e is Http2StreamException or IOException or OperationCanceledException)
        {
            var code = onwards.ResetCode ?? from.ResetCode ?? Http2ErrorCode.Cancel;
            await onwards.ResetAsync(code).ConfigureAwait(false);
            await from.ResetAsync(code).ConfigureAwait(false);
        }
        finally
        {
            await both.CancelAsync().ConfigureAwait(false);
            await request.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task RequestAsync(Http2Stream from, Http2Stream to, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        if (body is { } ours)
        {
            await to.SendAsync(ours, end: true, cancellation).ConfigureAwait(false);
            return;
        }

        await DataAsync(from, to, _ => { }, cancellation).ConfigureAwait(false);
        await to.SendAsync(default, end: true, cancellation).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(
        Http2Stream from, Http2Stream to, Action<ReadOnlyMemory<byte>> answered, Func<Task> beforeEnd, CancellationToken cancellation)
    {
        var headers = Passed(await from.ReadHeadersAsync(cancellation).ConfigureAwait(false));

        // gRPC tells a failure in the headers alone, and takes that form only when they also end the stream.
        var alone = from.RemoteEnded && headers.Exists(f => f.Name == "grpc-status");
        await to.SendHeadersAsync(headers, alone, cancellation).ConfigureAwait(false);
        if (alone)
        {
            return;
        }

        await DataAsync(from, to, answered, cancellation).ConfigureAwait(false);
        await beforeEnd().ConfigureAwait(false);
        if (from.Trailers.Count > 0)
        {
            await to.SendHeadersAsync(from.Trailers, end: true, cancellation).ConfigureAwait(false);
        }
        else
        {
            await to.SendAsync(default, end: true, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task DataAsync(Http2Stream from, Http2Stream to, Action<ReadOnlyMemory<byte>> seen, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            seen(buffer.AsMemory(0, read));
            await to.SendAsync(buffer.AsMemory(0, read), end: false, cancellation).ConfigureAwait(false);
        }
    }
}
