namespace AuthzPlugin.Gate.Http2;

/// <summary>How many bytes of DATA the peer still takes, on one stream or on the whole connection. Safe for many waiters.</summary>
internal sealed class SendWindow(int initial)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private long _available = initial;
    private Exception? _end;

    /// <summary>Between one and <paramref name="wanted"/> bytes, as soon as there are any.</summary>
    /// <exception cref="IOException">The stream or connection ended.</exception>
    public async ValueTask<int> TakeAsync(int wanted, CancellationToken cancellation)
    {
        while (true)
        {
            TaskCompletionSource waiter;
            lock (_lock)
            {
                if (_end is not null)
                {
                    throw new IOException(_end.Message, _end);
                }

                if (_available > 0)
                {
                    var taken = (int)Math.Min(_available, wanted);
                    _available -= taken;
                    return taken;
                }

                waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(waiter);
            }

            await waiter.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>False: more than the protocol's largest window.</summary>
    public bool TryAdd(long bytes)
    {
        lock (_lock)
        {
            _available += bytes;
            Wake();
            return _available <= int.MaxValue;
        }
    }

    public void End(Exception reason)
    {
        lock (_lock)
        {
            _end ??= reason;
            Wake();
        }
    }

    private void Wake()
    {
        while (_waiting.TryDequeue(out var waiter))
        {
            waiter.TrySetResult();
        }
    }
}
