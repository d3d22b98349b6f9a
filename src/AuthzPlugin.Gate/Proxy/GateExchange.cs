using System.Buffers;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// One request of a client and its answer. Whoever handles it reads <see cref="Body"/> (or not), asks the engine as often as it needs
/// with <see cref="SendAsync"/>, and answers once: <see cref="ForwardAsync"/>, <see cref="AnswerAsync"/> or <see cref="RefuseAsync"/>.
/// Not for concurrent use.
/// </summary>
public sealed class GateExchange
{
    private static readonly byte[] Continue = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly ClientConnection _client;
    private readonly GateParts _parts;
    private readonly MessageBody _body;

    internal GateExchange(ClientConnection client, GateParts parts, RequestHead head, RequestRoute? route, TrustPolicy? policy)
    {
        _client = client;
        _parts = parts;
        Head = head;
        Route = route;
        Policy = policy;
        _body = new MessageBody(client.Reader, head.Framing);
        Body = new BodyStream(_body, head.ExpectsContinue ? ContinueAsync : null);
    }

    /// <summary>What the client asks, without the headers that only this process uses.</summary>
    public RequestHead Head { get; }

    /// <summary>Where it goes; null when no row takes it (handlers are only called with one).</summary>
    public RequestRoute? Route { get; }

    /// <summary>The body's content, forward only; a client that waits for <c>100 Continue</c> gets it at the first read.</summary>
    public Stream Body { get; }

    public CallerIdentity Caller => _client.Caller;

    /// <summary>The policy snapshot for the whole exchange; null while the policy is invalid (handlers are only called with one).</summary>
    public TrustPolicy? Policy { get; }

    /// <summary>The first byte of an answer was sent: what goes wrong from now on can only be told by breaking off.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The answer is whole, the body was read, and neither side wants to close: the connection may carry another request.</summary>
    internal bool GoesOn { get; private set; }

    /// <summary>
    /// Asks the engine, as the caller and over a connection of its own, and returns when the head of the reply is there. The body is
    /// sent meanwhile; what reading it throws is thrown here, and by <see cref="EngineReply.UploadedAsync"/> later, and the engine then
    /// never sees its end.
    /// </summary>
    /// <param name="head">Its framing is replaced: chunked with a body, otherwise <c>Content-Length: 0</c>.</param>
    /// <param name="inspected">The plugin side may let this build through: what it begins from was decided here.</param>
    /// <exception cref="EngineGoneException">There is no engine, or it went away before it answered.</exception>
    public async Task<EngineReply> SendAsync(RequestHead head, Stream? body, bool inspected, CancellationToken cancellation)
    {
        var sent = body is null ? head.WithoutBody() : head.WithChunkedBody();
        var lease = _parts.Passes.Issue(new GatePass(sent.Method, sent.Target, Caller, inspected));
        EngineConnection? engine = null;
        try
        {
            engine = await EngineConnection.OpenAsync(_parts.EngineSocket, cancellation).ConfigureAwait(false);
            var reply = new EngineReply(engine, lease, head.Method);
            await engine.Stream.WriteAsync(Marked(sent, lease).ToBytes(), cancellation).ConfigureAwait(false);
            reply.Upload(body, () => WatchIfRead(engine), cancellation);
            await reply.ReadHeadAsync(cancellation).ConfigureAwait(false);
            return reply;
        }
        catch
        {
            engine?.Dispose();
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Asks the engine and passes its answer on, streamed as it comes.</summary>
    /// <param name="transform">Changes the answer on its way; its stream is read to the end. Null: as it is.</param>
    /// <exception cref="IOException">Either side went away.</exception>
    public async Task ForwardAsync(
        RequestHead head,
        Stream? body,
        bool inspected,
        Func<ResponseHead, Stream, (ResponseHead Head, Stream Body)>? transform,
        CancellationToken cancellation)
    {
        await using var reply = await SendAsync(head, body, inspected, cancellation).ConfigureAwait(false);
        var (answer, content) = transform?.Invoke(reply.Head, reply.Body) ?? (reply.Head, reply.Body);
        await AnswerAsync(answer, content, cancellation).ConfigureAwait(false);
    }

    /// <summary>Answers with a body of any length, each piece flushed as it is read. An exception of the stream breaks the answer off.</summary>
    /// <exception cref="IOException">The client went away.</exception>
    public async Task AnswerAsync(ResponseHead head, Stream content, CancellationToken cancellation)
    {
        var withBody = head.FramingFor(Head.Method).Kind != BodyFramingKind.None;
        var closes = Closes(head);
        head = withBody ? head.WithChunkedBody() : head;
        await WriteAsync((closes ? head.WithClose() : head).ToBytes(), cancellation).ConfigureAwait(false);
        if (withBody)
        {
            await CopyInChunksAsync(content, _client.Stream, cancellation).ConfigureAwait(false);
            await _client.Stream.WriteAsync(LastChunk, cancellation).ConfigureAwait(false);
        }

        GoesOn = !closes && _body.IsDone;
    }

    /// <summary>Answers 403 as the engine does for a plugin's refusal.</summary>
    /// <param name="reason">The whole sentence, as decisions have it.</param>
    /// <exception cref="InvalidOperationException">An answer was begun already.</exception>
    public Task RefuseAsync(string reason, CancellationToken cancellation)
    {
        const int Forbidden = 403;
        Log.Refused(_parts.Logger, Caller.Uid, reason);
        return FailAsync(Forbidden, GateAnswers.Denied + reason, cancellation);
    }

    /// <summary>Answers an error in the engine's form; breaks off when an answer was begun already.</summary>
    /// <exception cref="IOException">The client went away, or an answer was begun already.</exception>
    public async Task FailAsync(int status, string message, CancellationToken cancellation)
    {
        if (IsAnswered)
        {
            throw new IOException("the answer was broken off: " + UntrustedText.Escape(message));
        }

        var closes = _client.Draining || Head.Closes || !_body.IsDone;
        await WriteAsync(GateAnswers.Error(status, message, closes), cancellation).ConfigureAwait(false);
        GoesOn = !closes;
    }

    /// <summary>Passes request and answer as they are: bytes of bodies are not touched, and an upgrade becomes a plain tunnel.</summary>
    internal async Task PassAsync(CancellationToken cancellation)
    {
        using var lease = _parts.Passes.Issue(new GatePass(Head.Method, Head.Target, Caller, Inspected: false));
        var relay = new OrdinaryRelay(_client, Head, Route, _body);
        try
        {
            GoesOn = await relay.RunAsync(Marked(Head, lease), cancellation).ConfigureAwait(false);
        }
        finally
        {
            IsAnswered = relay.IsAnswered;
            if (!GoesOn)
            {
                _client.ForgetEngine();
            }
        }
    }

    /// <summary>Lets both sides switch protocols, and hands both streams to the one who speaks for either.</summary>
    internal async Task BridgeAsync(BridgeHandler? handler, CancellationToken cancellation)
    {
        if (handler is null)
        {
            await RefuseAsync("this version inspects no BuildKit builds; use DOCKER_BUILDKIT=0 docker build", cancellation).ConfigureAwait(false);
            return;
        }

        using var lease = _parts.Passes.Issue(new GatePass(Head.Method, Head.Target, Caller, Inspected: true));
        var relay = new OrdinaryRelay(_client, Head, Route, _body)
        {
            Tunnel = (client, engine) => handler(this, client, engine, cancellation),
        };
        try
        {
            GoesOn = await relay.RunAsync(Marked(Head, lease), cancellation).ConfigureAwait(false);
        }
        finally
        {
            IsAnswered = relay.IsAnswered;
            _client.ForgetEngine();
        }
    }

    internal static async Task CopyInChunksAsync(Stream from, DuplexStream to, CancellationToken cancellation)
    {
        // Room before the data for its size line, and after it for the line end: one write for each chunk.
        const int Room = 10;
        var buffer = ArrayPool<byte>.Shared.Rent(WireLimits.ReadBytes);
        try
        {
            int read;
            while ((read = await from.ReadAsync(buffer.AsMemory(Room, buffer.Length - Room - 2), cancellation).ConfigureAwait(false)) > 0)
            {
                var size = System.Text.Encoding.ASCII.GetBytes($"{read:x}\r\n");
                size.CopyTo(buffer, Room - size.Length);
                "\r\n"u8.CopyTo(buffer.AsSpan(Room + read));
                await to.WriteAsync(buffer.AsMemory(Room - size.Length, size.Length + read + 2), cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static RequestHead Marked(RequestHead head, GateLease lease) =>
        head with { Headers = head.Headers.With(GatePasses.Header, lease.Id) };

    private bool Closes(ResponseHead head) => _client.Draining || Head.Closes || head.Closes || !_body.IsDone;

    private void WatchIfRead(EngineConnection engine)
    {
        if (_body.IsDone)
        {
            _client.WatchFor(engine);
        }
    }

    private async ValueTask ContinueAsync(CancellationToken cancellation) =>
        await _client.Stream.WriteAsync(Continue, cancellation).ConfigureAwait(false);

    private ValueTask WriteAsync(byte[] bytes, CancellationToken cancellation)
    {
        IsAnswered = true;
        return _client.Stream.WriteAsync(bytes, cancellation);
    }
}
