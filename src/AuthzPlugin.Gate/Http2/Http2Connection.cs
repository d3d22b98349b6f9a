using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Http2;

/// <summary>
/// One end of an HTTP/2 connection with prior knowledge (RFC 9113) over any duplex stream, as client or as server. Written for a gate that
/// must hand header fields on as they came: the platform's client joins repeated fields into one, and BuildKit's file transfers repeat them.
/// No push, no priorities, no compression towards the peer.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly Stream _transport;
    private readonly bool _server;
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly HpackDecoder _decoder = new();
    private readonly ConcurrentDictionary<int, Http2Stream> _streams = [];
    private readonly Channel<Http2Stream> _incoming = Channel.CreateUnbounded<Http2Stream>();
    private readonly SendWindow _window = new(Http2Limits.InitialWindow);
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private int _peerStreamWindow = Http2Limits.InitialWindow;
    private int _uncredited;
    private int _lastRemote;
    private int _nextLocal = 1;
    private Exception? _end;

    private Http2Connection(Stream transport, bool server)
    {
        _transport = transport;
        _server = server;
        _reader = new FrameReader(transport);
        _writer = new FrameWriter(transport);
    }

    /// <summary>The end that opens streams. The transport stays the caller's.</summary>
    public static Http2Connection Client(Stream transport) => new(transport, server: false);

    /// <summary>The end that takes them.</summary>
    public static Http2Connection Server(Stream transport) => new(transport, server: true);

    /// <summary>Streams that the peer opened, with their headers. Ends with the connection.</summary>
    public ChannelReader<Http2Stream> Incoming => _incoming.Reader;

    /// <summary>Speaks the protocol until the transport ends; open streams are aborted then.</summary>
    /// <exception cref="IOException">The peer broke the protocol or the transport broke.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Exception end = new IOException("the connection ended");
        try
        {
            await GreetAsync(cancellation).ConfigureAwait(false);
            while (await _reader.ReadAsync(cancellation).ConfigureAwait(false) is { } frame)
            {
                await OnFrameAsync(frame.Header, frame.Payload, cancellation).ConfigureAwait(false);
            }
        }
        catch (Http2Exception e)
        {
            end = e;
            await SayGoodbyeAsync(e.Code, cancellation).ConfigureAwait(false);
            throw;
        }
        catch (Exception e)
        {
            end = e;
            throw;
        }
        finally
        {
            End(end);
        }
    }

    /// <summary>Opens a stream; waits until <see cref="RunAsync"/> has greeted the peer.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task<Http2Stream> OpenAsync(IEnumerable<HeaderField> fields, bool end, CancellationToken cancellation)
    {
        await _greeted.Task.WaitAsync(cancellation).ConfigureAwait(false);
        var block = HpackEncoder.Encode(fields);
        using var turn = await _writer.TurnAsync(cancellation).ConfigureAwait(false);
        Http2Stream stream;
        lock (_lock)
        {
            if (_end is not null)
            {
                throw new IOException(_end.Message, _end);
            }

            stream = new Http2Stream(this, _nextLocal, _peerStreamWindow, answers: false);
            _nextLocal += 2;
            _streams[stream.Id] = stream;
        }

        if (end)
        {
            stream.EndLocal();
        }

        await turn.WriteHeadersAsync(stream.Id, block, end).ConfigureAwait(false);
        return stream;
    }

    public void Dispose()
    {
        End(new IOException("the connection was closed"));
        _writer.Dispose();
    }

    // --- what streams send -------------------------------------------------------------------------------------------------

    internal async ValueTask SendHeadersAsync(Http2Stream stream, IEnumerable<HeaderField> fields, bool end, CancellationToken cancellation)
    {
        var block = HpackEncoder.Encode(fields);
        using var turn = await _writer.TurnAsync(cancellation).ConfigureAwait(false);
        if (!stream.IsOpen || (end && !stream.EndLocal()))
        {
            throw new Http2StreamException(Http2ErrorCode.StreamClosed, "the stream is closed");
        }

        await turn.WriteHeadersAsync(stream.Id, block, end).ConfigureAwait(false);
    }

    internal async ValueTask SendDataAsync(Http2Stream stream, ReadOnlyMemory<byte> data, bool end, CancellationToken cancellation)
    {
        while (!data.IsEmpty)
        {
            var granted = await stream.Window.TakeAsync(Math.Min(data.Length, Http2Limits.FrameSize), cancellation).ConfigureAwait(false);
            var taken = await _window.TakeAsync(granted, cancellation).ConfigureAwait(false);
            stream.Window.TryAdd(granted - taken);
            var last = end && taken == data.Length;
            if (last)
            {
                stream.EndLocal();
            }

            await _writer.WriteAsync(FrameType.Data, last ? FrameHeader.EndStream : (byte)0, stream.Id, data[..taken], cancellation)
                .ConfigureAwait(false);
            data = data[taken..];
            end &= !last;
        }

        if (end && stream.EndLocal())
        {
            await _writer.WriteAsync(FrameType.Data, FrameHeader.EndStream, stream.Id, data, cancellation).ConfigureAwait(false);
        }
    }

    internal async ValueTask ResetAsync(Http2Stream stream, Http2ErrorCode code)
    {
        if (!stream.IsOpen)
        {
            return;
        }

        stream.OnReset(new Http2StreamException(code, "the stream was reset here"));
        await TryWriteAsync(FrameType.RstStream, stream.Id, (uint)code).ConfigureAwait(false);
    }

    internal async ValueTask CreditAsync(Http2Stream stream, int bytes, CancellationToken cancellation)
    {
        if (!stream.RemoteEnded)
        {
            await _writer.WriteNumberAsync(FrameType.WindowUpdate, stream.Id, (uint)bytes, cancellation).ConfigureAwait(false);
        }

        await CreditConnectionAsync(bytes, cancellation).ConfigureAwait(false);
    }

    internal void Forget(Http2Stream stream)
    {
        _streams.TryRemove(stream.Id, out _);
        _ = CloseAsync(stream);
    }

    private async Task CloseAsync(Http2Stream stream)
    {
        await ResetAsync(stream, Http2ErrorCode.Cancel).ConfigureAwait(false);
        if (stream.TakeReceived() is > 0 and var unread && Volatile.Read(ref _end) is null)
        {
            try
            {
                await CreditConnectionAsync(unread, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                End(e);
            }
        }
    }

    private async ValueTask CreditConnectionAsync(int bytes, CancellationToken cancellation)
    {
        int credit;
        lock (_lock)
        {
            _uncredited += bytes;
            if (_uncredited < Http2Limits.StreamWindow)
            {
                return;
            }

            credit = _uncredited;
            _uncredited = 0;
        }

        await _writer.WriteNumberAsync(FrameType.WindowUpdate, 0, (uint)credit, cancellation).ConfigureAwait(false);
    }

    // --- what the peer sends -----------------------------------------------------------------------------------------------

    private async Task GreetAsync(CancellationToken cancellation)
    {
        if (!_server)
        {
            await _transport.WriteAsync(Preface, cancellation).ConfigureAwait(false);
        }

        await _writer.WriteAsync(FrameType.Settings, 0, 0, OurSettings(), cancellation).ConfigureAwait(false);
        await _writer.WriteNumberAsync(
            FrameType.WindowUpdate, 0, Http2Limits.ConnectionWindow - Http2Limits.InitialWindow, cancellation).ConfigureAwait(false);
        _greeted.TrySetResult();
        if (_server)
        {
            var preface = new byte[Preface.Length];
            await _transport.ReadExactlyAsync(preface, cancellation).ConfigureAwait(false);
            if (!preface.AsSpan().SequenceEqual(Preface))
            {
                throw new Http2Exception(Http2ErrorCode.ProtocolError, "the peer does not speak HTTP/2");
            }
        }
    }

    private byte[] OurSettings()
    {
        var settings = new byte[18];
        WriteSetting(settings, 2, 0);
        WriteSetting(settings.AsSpan(6), 3, _server ? Http2Limits.Streams : 0);
        WriteSetting(settings.AsSpan(12), 4, Http2Limits.StreamWindow);
        return settings;
    }

    private static void WriteSetting(Span<byte> bytes, short name, int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(bytes, name);
        BinaryPrimitives.WriteInt32BigEndian(bytes[2..], value);
    }

    private ValueTask OnFrameAsync(FrameHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellation) => header.Type switch
    {
        FrameType.Data => OnDataAsync(header, payload, cancellation),
        FrameType.Headers => OnHeadersAsync(header, payload, cancellation),
        FrameType.RstStream => OnReset(header, payload),
        FrameType.Settings => OnSettingsAsync(header, payload, cancellation),
        FrameType.Ping when !header.Has(FrameHeader.Acknowledged) && payload.Length == 8 =>
            _writer.WriteAsync(FrameType.Ping, FrameHeader.Acknowledged, 0, payload, cancellation),
        FrameType.WindowUpdate => OnWindow(header, payload),
        FrameType.PushPromise or FrameType.Continuation => throw new Http2Exception(Http2ErrorCode.ProtocolError, $"an unexpected {header.Type} frame"),
        // GOAWAY: the streams that it lets live end by themselves, and the peer closes the transport.
        _ => ValueTask.CompletedTask,
    };

    private async ValueTask OnDataAsync(FrameHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        if (_streams.TryGetValue(header.StreamId, out var stream))
        {
            await stream.OnDataAsync(FrameReader.Unpadded(header, payload), payload.Length, header.Has(FrameHeader.EndStream)).ConfigureAwait(false);
        }
        else if (payload.Length > 0)
        {
            await CreditConnectionAsync(payload.Length, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask OnHeadersAsync(FrameHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        // Read whatever comes of the stream: the block changes the table that later blocks refer to.
        var fields = _decoder.Decode(await _reader.ReadBlockAsync(header, payload, cancellation).ConfigureAwait(false));
        var end = header.Has(FrameHeader.EndStream);
        if (_streams.TryGetValue(header.StreamId, out var known))
        {
            // An interim answer is not the answer.
            if (_server || end || !fields.Exists(f => f.Name == ":status" && f.Value.StartsWith('1')))
            {
                known.OnHeaders(fields, end);
            }
        }
        else if (_server && header.StreamId > _lastRemote)
        {
            await OnOpenedAsync(header.StreamId, fields, end, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask OnOpenedAsync(int id, List<HeaderField> fields, bool end, CancellationToken cancellation)
    {
        if (id % 2 == 0)
        {
            throw new Http2Exception(Http2ErrorCode.ProtocolError, "an even stream number");
        }

        _lastRemote = id;
        if (_streams.Count >= Http2Limits.Streams)
        {
            await _writer.WriteNumberAsync(FrameType.RstStream, id, (uint)Http2ErrorCode.RefusedStream, cancellation).ConfigureAwait(false);
            return;
        }

        Http2Stream stream;
        lock (_lock)
        {
            stream = new Http2Stream(this, id, _peerStreamWindow, answers: true);
            _streams[id] = stream;
        }

        stream.OnHeaders(fields, end);
        _incoming.Writer.TryWrite(stream);
    }

    private ValueTask OnReset(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var code = (Http2ErrorCode)Number(payload);
        if (_streams.TryGetValue(header.StreamId, out var stream))
        {
            stream.OnReset(new Http2StreamException(code, $"the peer reset the stream ({code})"));
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask OnSettingsAsync(FrameHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        if (header.Has(FrameHeader.Acknowledged))
        {
            return;
        }

        if (payload.Length % 6 != 0)
        {
            throw new Http2Exception(Http2ErrorCode.FrameSizeError, "broken settings");
        }

        for (; !payload.IsEmpty; payload = payload[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload.Span) == 4)
            {
                SetPeerWindow(BinaryPrimitives.ReadUInt32BigEndian(payload.Span[2..]));
            }
        }

        await _writer.WriteAsync(FrameType.Settings, FrameHeader.Acknowledged, 0, default, cancellation).ConfigureAwait(false);
    }

    private void SetPeerWindow(uint bytes)
    {
        if (bytes > int.MaxValue)
        {
            throw new Http2Exception(Http2ErrorCode.FlowControlError, "a window that is too large");
        }

        lock (_lock)
        {
            var more = (long)bytes - _peerStreamWindow;
            _peerStreamWindow = (int)bytes;
            foreach (var stream in _streams.Values)
            {
                AddTo(stream.Window, more);
            }
        }
    }

    private ValueTask OnWindow(FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        var more = Number(payload) & 0x7fff_ffff;
        if (header.StreamId == 0)
        {
            AddTo(_window, more);
        }
        else if (_streams.TryGetValue(header.StreamId, out var stream))
        {
            AddTo(stream.Window, more);
        }

        return ValueTask.CompletedTask;
    }

    private static void AddTo(SendWindow window, long more)
    {
        if (!window.TryAdd(more))
        {
            throw new Http2Exception(Http2ErrorCode.FlowControlError, "a window that is too large");
        }
    }

    private static uint Number(ReadOnlyMemory<byte> payload) => payload.Length == sizeof(uint)
        ? BinaryPrimitives.ReadUInt32BigEndian(payload.Span)
        : throw new Http2Exception(Http2ErrorCode.FrameSizeError, "a frame of the wrong size");

    // --- the end -----------------------------------------------------------------------------------------------------------

    private async Task SayGoodbyeAsync(Http2ErrorCode code, CancellationToken cancellation)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, _lastRemote);
        BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(4), (int)code);
        try
        {
            await _writer.WriteAsync(FrameType.GoAway, 0, 0, payload, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            // It was only a courtesy: the peer is gone already.
            End(e);
        }
    }

    private async ValueTask TryWriteAsync(FrameType type, int streamId, uint number)
    {
        try
        {
            await _writer.WriteNumberAsync(type, streamId, number, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            End(e);
        }
    }

    private void End(Exception reason)
    {
        lock (_lock)
        {
            if (_end is not null)
            {
                return;
            }

            _end = reason;
        }

        _greeted.TrySetResult();
        _window.End(reason);
        _incoming.Writer.TryComplete();
        foreach (var stream in _streams.Values)
        {
            if (stream.IsOpen)
            {
                stream.OnReset(new Http2StreamException(Http2ErrorCode.Cancel, reason.Message));
            }
        }
    }
}
