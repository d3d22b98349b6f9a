using AuthzPlugin.Enforcement.Engine;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// Compares the approvals with the engine's containers: removals by <c>--rm</c> are not asked about, so the list is the only witness.
/// </summary>
public sealed class ApprovalCleaner(EngineTransport transport, ApprovalStore approvals, TimeProvider time)
{
    /// <summary>How often the engine is asked.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>How soon again when the engine could not be asked.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var engine = new EngineClient(transport, time);
        while (!cancellation.IsCancellationRequested)
        {
            var done = await TryCleanAsync(engine, cancellation).ConfigureAwait(false);
            await Task.Delay(done ? Interval : RetryInterval, time, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryCleanAsync(EngineClient engine, CancellationToken cancellation)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        budget.CancelAfter(Budget);
        try
        {
            var listedAt = time.GetUtcNow();
            approvals.KeepOnly(await engine.ListContainersAsync(all: true, budget.Token).ConfigureAwait(false), listedAt);
            return true;
        }
        catch (Exception e) when (e is EngineException or OperationCanceledException or IOException)
        {
            // The engine may not run yet (dockerd waits for us at its start); approvals of gone containers harm nobody meanwhile.
            return false;
        }
    }
}
