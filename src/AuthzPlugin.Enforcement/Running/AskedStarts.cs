using System.Collections.Concurrent;

namespace AuthzPlugin.Enforcement.Running;

/// <summary>
/// Containers whose start was asked for and answered a moment ago: the event of such a start tells nothing new.
/// A start whose event does not come (the container ran already, or the engine failed) is forgotten after a while.
/// </summary>
internal sealed class AskedStarts(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>More are in flight only in a flood; then the oldest count as unasked, and are decided once more.</summary>
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, long> _at = new(StringComparer.Ordinal);

    public void Add(string containerId)
    {
        if (_at.Count >= Most)
        {
            Forget(_at.Where(one => time.GetElapsedTime(one.Value) > Lifetime));
            Forget(_at.Count < Most ? [] : _at.OrderBy(one => one.Value).Take(Most / 10));
        }

        _at[containerId] = time.GetTimestamp();
    }

    /// <summary>Whether the start was asked for. One question is good for one start.</summary>
    public bool Take(string containerId) => _at.TryRemove(containerId, out var at) && time.GetElapsedTime(at) <= Lifetime;

    private void Forget(IEnumerable<KeyValuePair<string, long>> entries)
    {
        foreach (var entry in entries.ToArray())
        {
            _at.TryRemove(entry);
        }
    }
}
