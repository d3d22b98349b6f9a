using AuthzPlugin.Enforcement.Authorization;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>The engine's reply to a request of the gate's own making. Disposing of it ends the connection, and with it whatever the engine still does.</summary>
public sealed class EngineReply : IAsyncDisposable
{
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly EngineConnection _engine;
    private readonly GateLease _lease;
    private readonly string _method;
    private readonly CancellationTokenSource _stopUpload = new();
    private Task _upload = Task.CompletedTask;

    internal EngineReply(EngineConnection engine, GateLease lease, string method)
    {
        _engine = engine;
        _lease = lease;
        _method = method;
        Body = Stream.Null;
        Head = new ResponseHead(0, "", HeaderFields.Empty);
    }

    public ResponseHead Head { get; private set; }

    /// <summary>The content of its body, decoded, forward only.</summary>
    public Stream Body { get; private set; }

    /// <summary>Ends when the request's body was sent, or the engine wants no more of it; throws what reading that body threw.</summary>
    public Task UploadedAsync() => _upload;

    public async ValueTask DisposeAsync()
    {
        await _stopUpload.CancelAsync().ConfigureAwait(false);
        _engine.Dispose();
        _lease.Dispose();
        await _upload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopUpload.Dispose();
    }

    /// <param name="afterwards">Called when the body was sent.</param>
    internal void Upload(Stream? body, Action afterwards, CancellationToken cancellation)
    {
        if (body is null)
        {
            afterwards();
            return;
        }

        _upload = UploadAsync(body, afterwards, cancellation);
    }

    /// <exception cref="EngineGoneException">The engine went away without an answer.</exception>
    internal async Task ReadHeadAsync(CancellationToken cancellation)
    {
        var head = ReadFinalHeadAsync(cancellation);
        if (await Task.WhenAny(head, _upload).ConfigureAwait(false) == _upload)
        {
            // What went wrong with the body is the cause of whatever the engine says about it.
            await _upload.ConfigureAwait(false);
        }

        Head = await head.ConfigureAwait(false);
        Body = new BodyStream(new MessageBody(_engine.Reader, Head.FramingFor(_method)), null);
    }

    private async Task<ResponseHead> ReadFinalHeadAsync(CancellationToken cancellation)
    {
        try
        {
            ResponseHead head;
            do
            {
                head = await HeadReader.ReadResponseAsync(_engine.Reader, cancellation).ConfigureAwait(false);
            }
            while (head.IsInterim);
            return head;
        }
        catch (IOException e)
        {
            throw new EngineGoneException("the Docker daemon behind the content-trust gate went away before it answered; try again", e);
        }
    }

    private async Task UploadAsync(Stream body, Action afterwards, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopUpload.Token);
        try
        {
            await GateExchange.CopyInChunksAsync(body, _engine.Stream, both.Token).ConfigureAwait(false);
            await _engine.Stream.WriteAsync(LastChunk, both.Token).ConfigureAwait(false);
            afterwards();
        }
        catch (IOException) when (_engine.Stream.IsBroken)
        {
            // The engine wants no more of it: its answer says why.
        }
        catch
        {
            // Half a body must not look like a whole one.
            _engine.Dispose();
            throw;
        }
    }
}
