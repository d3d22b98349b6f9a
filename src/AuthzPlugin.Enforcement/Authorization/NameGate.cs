namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>Which of two groups a request belongs to.</summary>
internal enum GateSide
{
    /// <summary>Starts a container by a text that another request could make mean another container.</summary>
    StartByName,

    /// <summary>Can change what names mean: create, rename, remove, prune.</summary>
    ChangeNames,
}

/// <summary>
/// Keeps starts by name and changes of names apart: many of one side may be under way, never both. A request is under way from
/// our answer to the engine until the engine reports its result, or until the time budget ends (the engine resolves a name at
/// once after our answer; a result that never comes must not stop the host). decisions.md, "Requests", row start.
/// </summary>
internal sealed class NameGate(TimeProvider time, TimeSpan budget)
{
    private readonly Lock _lock = new();
    private readonly List<Lease> _held = [];
    private readonly LinkedList<GateSide> _waiting = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Waits until the other side is idle, first come first served, so that neither side can starve the other: whoever is ahead
    /// leaves within the budget.
    /// </summary>
    /// <param name="limit">How long it is under way at most, when that is less than the budget.</param>
    public async Task<IDisposable> EnterAsync(GateSide side, CancellationToken cancellation, TimeSpan? limit = null)
    {
        LinkedListNode<GateSide> ticket;
        lock (_lock)
        {
            ticket = _waiting.AddLast(side);
        }

        try
        {
            while (true)
            {
                var (lease, changed, wait) = TryEnter(ticket, limit is { } less && less < budget ? less : budget);
                if (lease is not null)
                {
                    return lease;
                }

                await WaitAsync(changed, wait, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_lock)
            {
                _waiting.Remove(ticket);
            }

            Signal();
        }
    }

    private (Lease? Lease, Task Changed, TimeSpan Wait) TryEnter(LinkedListNode<GateSide> ticket, TimeSpan limit)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            _held.RemoveAll(lease => lease.Until <= now);
            var otherHolds = _held.Where(lease => lease.Side != ticket.Value).Select(lease => lease.Until).ToArray();
            var otherWaitsLonger = _waiting.TakeWhile(side => side == ticket.Value).Count() < PositionOf(ticket);
            if (otherHolds.Length == 0 && !otherWaitsLonger)
            {
                var lease = new Lease(this, ticket.Value, now + limit);
                _held.Add(lease);
                return (lease, Task.CompletedTask, TimeSpan.Zero);
            }

            var next = otherHolds.Append(now + budget).Min();
            return (null, _changed.Task, next - now);
        }
    }

    private static int PositionOf(LinkedListNode<GateSide> ticket)
    {
        var position = 0;
        for (var node = ticket.Previous; node is not null; node = node.Previous)
        {
            position++;
        }

        return position;
    }

    private async Task WaitAsync(Task changed, TimeSpan wait, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var delay = Task.Delay(wait, time, stop.Token);
        await Task.WhenAny(changed, delay).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
    }

    private void Leave(Lease lease)
    {
        lock (_lock)
        {
            _held.Remove(lease);
        }

        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    private sealed class Lease(NameGate gate, GateSide side, DateTimeOffset until) : IDisposable
    {
        public GateSide Side { get; } = side;

        public DateTimeOffset Until { get; } = until;

        public void Dispose() => gate.Leave(this);
    }
}
