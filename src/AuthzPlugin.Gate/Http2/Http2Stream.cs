using System.Buffers;
using System.IO.Pipelines;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.Http2;

/// <summary>
/// One exchange on a connection: headers, data and trailers in both directions, each with its own end. Reading gives the peer room to send
/// more; sending waits for the room that the peer gives.
/// </summary>
internal sealed class Http2Stream : IDisposable
{
    private readonly Http2Connection _connection;
    private readonly bool _answers;
    private readonly Pipe _data = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly TaskCompletionSource<IReadOnlyList<HeaderField>> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted = new();
    private readonly Lock _lock = new();
    private int _uncredited;
    private int _received;
    private bool _remoteEnded;
    private bool _localEnded;
    private bool _disposed;

    /// <param name="answers">The peer opened it: it asks, and this end answers.</param>
    public Http2Stream(Http2Connection connection, int id, int sendWindow, bool answers)
    {
        _connection = connection;
        _answers = answers;
        Id = id;
        Window = new SendWindow(sendWindow);
        Aborted = _aborted.Token;
        // A stream that nobody asks for its headers may be reset.
        _ = _headers.Task.ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public int Id { get; }

    public SendWindow Window { get; }

    /// <summary>
    /// Fires when the peer resets the stream, or the connection ends, before all was said: the peer's part, or this end's answer to a peer
    /// that asked and then gave up.
    /// </summary>
    public CancellationToken Aborted { get; }

    /// <summary>The peer's fields after its data; empty when there were none. Complete once <see cref="ReadAsync"/> gave zero.</summary>
    public IReadOnlyList<HeaderField> Trailers { get; private set; } = [];

    /// <summary>Why <see cref="Aborted"/> fired.</summary>
    public Http2ErrorCode? ResetCode { get; private set; }

    /// <summary>The peer has said all it will say.</summary>
    public bool RemoteEnded
    {
        get
        {
            lock (_lock)
            {
                return _remoteEnded;
            }
        }
    }

    /// <summary>The peer's headers.</summary>
    /// <exception cref="Http2StreamException">The stream ended before they came.</exception>
    public Task<IReadOnlyList<HeaderField>> ReadHeadersAsync(CancellationToken cancellation) => _headers.Task.WaitAsync(cancellation);

    /// <summary>The next data; zero at the end.</summary>
    /// <exception cref="Http2StreamException">The stream ended early.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var result = await _data.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        var taken = (int)Math.Min(buffer.Length, result.Buffer.Length);
        result.Buffer.Slice(0, taken).CopyTo(buffer.Span);
        _data.Reader.AdvanceTo(result.Buffer.GetPosition(taken));
        if (taken > 0)
        {
            await CreditAsync(taken, cancellation).ConfigureAwait(false);
        }

        return taken;
    }

    public ValueTask SendHeadersAsync(IEnumerable<HeaderField> fields, bool end, CancellationToken cancellation) =>
        _connection.SendHeadersAsync(this, fields, end, cancellation);

    public ValueTask SendAsync(ReadOnlyMemory<byte> data, bool end, CancellationToken cancellation) =>
        _connection.SendDataAsync(this, data, end, cancellation);

    /// <summary>Ends both directions at once. Nothing happens when both ended already.</summary>
    public ValueTask ResetAsync(Http2ErrorCode code) => _connection.ResetAsync(this, code);

    /// <summary>Gives back what was never read, and forgets the stream; one that is still open is cancelled.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _data.Reader.Complete();
        _connection.Forget(this);
        _aborted.Dispose();
    }

    // --- what the connection tells -----------------------------------------------------------------------------------------

    internal void OnHeaders(IReadOnlyList<HeaderField> fields, bool end)
    {
        if (_headers.Task.IsCompleted)
        {
            Trailers = end ? fields : throw new Http2Exception(Http2ErrorCode.ProtocolError, "headers after headers");
        }

        // Before the headers: who waits for them asks next whether that was all.
        if (end)
        {
            OnEnd();
        }

        _headers.TrySetResult(fields);
    }

    internal async ValueTask OnDataAsync(ReadOnlyMemory<byte> data, int onTheWire, bool end)
    {
        lock (_lock)
        {
            _received += onTheWire;
            if (_received > Http2Limits.StreamWindow)
            {
                throw new Http2Exception(Http2ErrorCode.FlowControlError, "more data than the window holds");
            }

            // Padding is never read by anybody.
            _uncredited += onTheWire - data.Length;
            if (!_disposed && !_remoteEnded && !data.IsEmpty)
            {
                _data.Writer.Write(data.Span);
            }
        }

        await _data.Writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        if (end)
        {
            OnEnd();
        }
    }

    internal void OnReset(Http2StreamException reason)
    {
        bool wasComplete, isOwed;
        lock (_lock)
        {
            (wasComplete, isOwed) = (_remoteEnded, _answers && !_localEnded);
            _remoteEnded = true;
            _localEnded = true;
        }

        Window.End(reason);
        if (wasComplete && !isOwed)
        {
            // The peer said all it had to say, and wants to hear no more: what it said stays good.
            return;
        }

        ResetCode = reason.Code;
        if (!wasComplete)
        {
            _headers.TrySetException(reason);
            _data.Writer.Complete(reason);
        }

        lock (_lock)
        {
            if (!_disposed)
            {
                _aborted.Cancel();
            }
        }
    }

    /// <summary>False: this direction had ended before.</summary>
    internal bool EndLocal()
    {
        lock (_lock)
        {
            var first = !_localEnded;
            _localEnded = true;
            return first;
        }
    }

    internal bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return !_remoteEnded || !_localEnded;
            }
        }
    }

    /// <summary>What counts against the connection's window and was never credited.</summary>
    internal int TakeReceived()
    {
        lock (_lock)
        {
            return Interlocked.Exchange(ref _received, 0);
        }
    }

    private void OnEnd()
    {
        lock (_lock)
        {
            if (_remoteEnded)
            {
                throw new Http2Exception(Http2ErrorCode.StreamClosed, "data after the end of a stream");
            }

            _remoteEnded = true;
        }

        _data.Writer.Complete();
    }

    private ValueTask CreditAsync(int read, CancellationToken cancellation)
    {
        int credit;
        lock (_lock)
        {
            _uncredited += read;
            if (_uncredited < Http2Limits.StreamWindow / 2)
            {
                return ValueTask.CompletedTask;
            }

            credit = _uncredited;
            _uncredited = 0;
            _received -= credit;
        }

        return _connection.CreditAsync(this, credit, cancellation);
    }
}
