namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// Those who ask for the same thing at the same time share one run. It does not end when one of them goes away;
/// it has its own budget.
/// </summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Task<TResult>> _running = [];
    private readonly Lock _gate = new();

    /// <param name="run">Started when none runs for the key; must end by itself.</param>
    /// <param name="cancellation">Ends the waiting of this caller only.</param>
    public Task<TResult> JoinAsync(TKey key, Func<Task<TResult>> run, CancellationToken cancellation)
    {
        Task<TResult> task;
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out task!))
            {
                task = RunAsync(key, run);
                _running[key] = task;
            }
        }

        return task.WaitAsync(cancellation);
    }

    /// <summary>Ends when everything that runs now has ended.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_running.Values);
        }
    }

    private async Task<TResult> RunAsync(TKey key, Func<Task<TResult>> run)
    {
        // Away from the caller, which holds the gate and has not listed the run yet.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _running.Remove(key);
            }
        }
    }
}
