using System.Collections.Concurrent;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>
/// Which builds were decided, and how. A client asks for a build and speaks of it at the same time; the engine waits three seconds for a
/// build that it does not know yet, a decision may take longer, and a refused build never gets there. So its other calls wait here.
/// </summary>
internal sealed class DecidedBuilds(TimeProvider time)
{
    /// <summary>How long a call may come before the build that it speaks of.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(3);

    /// <summary>How long the reason for a refusal is kept for calls that come late.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Entry> _builds = new(StringComparer.Ordinal);

    /// <summary>The client asked for it: its decision begins.</summary>
    public void Asked(string build) => Find(build).Asked.TrySetResult();

    /// <param name="refusal">Null: the engine has it.</param>
    public void Decided(string build, string? refusal)
    {
        Find(build).Decided.TrySetResult(refusal);
        if (refusal is not null)
        {
            _ = ForgetAsync(build, Late);
        }
    }

    /// <summary>It ended.</summary>
    public void Forget(string build) => _builds.TryRemove(build, out _);

    /// <summary>Waits for the decision. The reason of a refusal, or null: accepted, or not asked for by this gate's clients.</summary>
    public async Task<string?> WaitAsync(string build, CancellationToken cancellation)
    {
        var entry = Find(build);
        try
        {
            await entry.Asked.Task.WaitAsync(Early, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Forget(build);
            return null;
        }

        return await entry.Decided.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private Entry Find(string build) => _builds.GetOrAdd(build, _ => new Entry());

    private async Task ForgetAsync(string build, TimeSpan delay)
    {
        await Task.Delay(delay, time).ConfigureAwait(false);
        Forget(build);
    }

    private sealed class Entry
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string?> Decided { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
