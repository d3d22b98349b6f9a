using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Passes one request and its answer between a client and the engine: heads with their fields as they are, bodies byte for byte and as
/// they come, both directions at once, in constant memory.
/// </summary>
internal sealed class OrdinaryRelay(ClientConnection client, RequestHead head, RequestRoute? route, MessageBody body)
{
    private volatile WireException? _wrong;

    /// <summary>What happens once both sides have switched protocols; null: bytes are passed both ways.</summary>
    public Func<DuplexStream, DuplexStream, Task>? Tunnel { get; init; }

    /// <summary>A byte of the answer was sent.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Returns whether both connections may carry another request.</summary>
    /// <param name="sent">The head as it goes to the engine.</param>
    /// <exception cref="EngineGoneException">There is no engine, or it went away before it answered.</exception>
    public async Task<bool> RunAsync(RequestHead sent, CancellationToken cancellation)
    {
        var (engine, isFresh) = await client.EngineAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await RunAsync(engine, sent, cancellation).ConfigureAwait(false);
        }
        catch (EngineGoneException) when (!isFresh && !IsAnswered && body.IsDone && head.Method is ("GET" or "HEAD"))
        {
            // It ended the kept connection just now, as any server may.
            client.ForgetEngine();
            (engine, _) = await client.EngineAsync(cancellation).ConfigureAwait(false);
            return await RunAsync(engine, sent, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<bool> RunAsync(EngineConnection engine, RequestHead sent, CancellationToken cancellation)
    {
        await TrySendAsync(engine, sent.ToBytes(), cancellation).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var upload = UploadAsync(engine, stop.Token);
        try
        {
            var answer = await HeadAsync(engine, cancellation).ConfigureAwait(false);
            if (IsSwitch(answer))
            {
                await SwitchAsync(engine, answer, upload, cancellation).ConfigureAwait(false);
                return false;
            }

            return await AnswerAsync(engine, answer, upload, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await upload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends the body and then watches the client. Ends early when the engine wants no more: its answer says why.</summary>
    private async Task UploadAsync(EngineConnection engine, CancellationToken cancellation)
    {
        using (var passed = client.LargeBodies.Watch(client.Reader))
        {
            while (!body.IsDone)
            {
                var piece = await NextPieceAsync(engine, cancellation).ConfigureAwait(false);
                if (!await TrySendAsync(engine, piece, cancellation).ConfigureAwait(false))
                {
                    return;
                }

                body.Consume(piece.Length);
                passed.Add(piece.Length);
            }
        }

        client.WatchFor(engine);
    }

    private async ValueTask<ReadOnlyMemory<byte>> NextPieceAsync(EngineConnection engine, CancellationToken cancellation)
    {
        try
        {
            return await body.NextRawAsync(cancellation).ConfigureAwait(false);
        }
        catch (WireException e)
        {
            // The engine must not take what came before for the whole.
            _wrong = e;
            client.ForgetEngine();
            throw;
        }
        catch (EndOfStreamException)
        {
            engine.Stream.EndWriting();
            throw;
        }
    }

    /// <summary>The final head. A body that the client sends wrongly is the client's fault, whatever the engine makes of it.</summary>
    private async Task<ResponseHead> HeadAsync(EngineConnection engine, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var answer = await HeadReader.ReadResponseAsync(engine.Reader, cancellation).ConfigureAwait(false);
                if (!answer.IsInterim)
                {
                    return answer;
                }

                await client.Stream.WriteAsync(answer.ToBytes(), cancellation).ConfigureAwait(false);
            }
        }
        catch (IOException e)
        {
            throw _wrong ?? (IOException)new EngineGoneException("the Docker daemon behind the content-trust gate went away before it answered; try again", e);
        }
    }

    /// <summary>101, or an answer without an end to attach and exec, which is how they switch for clients that do not ask for an upgrade.</summary>
    private bool IsSwitch(ResponseHead answer) =>
        answer.Status == ResponseHead.SwitchingProtocols
        || (route?.Kind == RouteKind.Hijack && answer.IsSuccess && answer.FramingFor(head.Method).Kind == BodyFramingKind.UntilClose);

    private async Task SwitchAsync(EngineConnection engine, ResponseHead answer, Task upload, CancellationToken cancellation)
    {
        if (answer.Status == ResponseHead.SwitchingProtocols && head.Upgrade is null)
        {
            throw new EngineGoneException("the Docker daemon behind the content-trust gate switched protocols without being asked; update it");
        }

        await upload.ConfigureAwait(false);
        IsAnswered = true;
        await client.Stream.WriteAsync(answer.ToBytes(), cancellation).ConfigureAwait(false);
        if (Tunnel is { } tunnel)
        {
            await tunnel(client.Stream, engine.Stream).ConfigureAwait(false);
            return;
        }

        await TunnelAsync(client.Stream, engine.Stream, cancellation).ConfigureAwait(false);
    }

    /// <summary>Each direction ends by itself; a broken one ends both.</summary>
    private static async Task TunnelAsync(DuplexStream client, DuplexStream engine, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var up = client.PumpToAsync(engine, stop.Token);
        var down = engine.PumpToAsync(client, stop.Token);
        var first = await Task.WhenAny(up, down).ConfigureAwait(false);
        if (first.IsCompletedSuccessfully)
        {
            await (first == up ? down : up).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> AnswerAsync(EngineConnection engine, ResponseHead answer, Task upload, CancellationToken cancellation)
    {
        var framing = answer.FramingFor(head.Method);
        var draining = client.Draining;
        var closes = draining || head.Closes || answer.Closes || framing.Kind == BodyFramingKind.UntilClose;
        IsAnswered = true;
        await client.Stream.WriteAsync((draining ? answer.WithClose() : answer).ToBytes(), cancellation).ConfigureAwait(false);
        var content = new MessageBody(engine.Reader, framing);
        using var passed = client.LargeBodies.Watch(engine.Reader);
        while (!content.IsDone)
        {
            var piece = await content.NextRawAsync(cancellation).ConfigureAwait(false);
            await client.Stream.WriteAsync(piece, cancellation).ConfigureAwait(false);
            content.Consume(piece.Length);
            passed.Add(piece.Length);
        }

        // An engine that answered before it read the whole body reads on a little, or closes.
        return !closes && upload.IsCompletedSuccessfully && body.IsDone;
    }

    private static async ValueTask<bool> TrySendAsync(EngineConnection engine, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await engine.Stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (IOException)
        {
            // Perhaps it answered before it closed.
            return false;
        }
    }
}
