using System.Collections.Concurrent;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>Outcomes of failed updates, which answer for a few seconds, so that a flood of requests is not a flood of updates.</summary>
internal sealed class FailureMemory<TKey>(TimeSpan lifetime, TimeProvider time)
    where TKey : notnull
{
    private const int MaximumEntries = 4096;

    private readonly ConcurrentDictionary<TKey, (RefreshOutcome Outcome, DateTimeOffset At)> _failures = new();

    public RefreshOutcome? Recent(TKey key) =>
        _failures.TryGetValue(key, out var failure) && IsRecent(failure.At) ? failure.Outcome : null;

    public void Keep(TKey key, RefreshOutcome outcome)
    {
        if (outcome.Problem is null)
        {
            _failures.TryRemove(key, out _);
            return;
        }

        if (_failures.Count >= MaximumEntries)
        {
            Prune();
        }

        _failures[key] = (outcome, time.GetUtcNow());
    }

    public void Clear() => _failures.Clear();

    private void Prune()
    {
        foreach (var (key, (_, at)) in _failures)
        {
            if (!IsRecent(at))
            {
                _failures.TryRemove(key, out _);
            }
        }

        if (_failures.Count >= MaximumEntries)
        {
            _failures.Clear();
        }
    }

    private bool IsRecent(DateTimeOffset at) => time.GetUtcNow() - at is var age && age >= TimeSpan.Zero && age < lifetime;
}
