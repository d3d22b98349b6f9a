namespace AuthzPlugin.Testing.Time;

/// <summary>A clock that stands still until a test moves it; its timers run when it moves past them.</summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;
    private long _ticks;

    /// <summary>1 June 2026, noon: the present of test repositories.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _ticks;
        }
    }

    /// <summary>Time passes: clock, time stamps and timers.</summary>
    public void Advance(TimeSpan time)
    {
        ManualTimer[] due;
        lock (_gate)
        {
            _now += time;
            _ticks += time.Ticks;
            due = [.. _timers.Where(t => t.IsDue(_ticks))];
        }

        foreach (var timer in due)
        {
            timer.Fire(_ticks);
        }
    }

    /// <summary>Somebody sets the clock; no time passes.</summary>
    public void SetClock(DateTimeOffset now)
    {
        lock (_gate)
        {
            _now = now;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private long? _due;
        private TimeSpan _period;

        public bool IsDue(long ticks) => _due <= ticks;

        public void Fire(long ticks)
        {
            _due = _period > TimeSpan.Zero ? ticks + _period.Ticks : null;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _due = dueTime >= TimeSpan.Zero ? owner.GetTimestamp() + dueTime.Ticks : null;
            return true;
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
