namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Bounds how many image decisions are under way, so that a flood of them costs waiting and not memory or the engine's patience.
/// Reads and starts with an approval never come here.
/// </summary>
internal sealed class DecisionSlots(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    public async Task<T> RunAsync<T>(Func<Task<T>> decide, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await decide().ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
