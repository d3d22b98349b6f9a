namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>
/// Answers of late by what was asked, in memory, at most 4096, the oldest go first. How long one counts is for its owner to say. Safe for
/// concurrent use.
/// </summary>
internal sealed class RecentAnswers<TKey, TAnswer>(TimeProvider time)
    where TKey : notnull
    where TAnswer : class
{
    private const int MaximumEntries = 4096;

    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TAnswer Answer)>> _index = [];
    private readonly LinkedList<(TKey Key, TAnswer Answer)> _order = [];
    private readonly Lock _gate = new();

    /// <summary>The last answer, however old.</summary>
    public TAnswer? Find(TKey key)
    {
        lock (_gate)
        {
            return _index.TryGetValue(key, out var node) ? node.Value.Answer : null;
        }
    }

    public void Keep(TKey key, TAnswer answer)
    {
        lock (_gate)
        {
            Remove(key);
            _index[key] = _order.AddLast((key, answer));
            while (_order.Count > MaximumEntries)
            {
                Remove(_order.First!.Value.Key);
            }
        }
    }

    public void Forget(TKey key)
    {
        lock (_gate)
        {
            Remove(key);
        }
    }

    /// <summary>Whether it is not so long ago. A clock that was set back makes an answer look as if it came from the future: it counts no more.</summary>
    public bool IsWithin(DateTimeOffset at, TimeSpan life) => time.GetUtcNow() - at is var age && age >= TimeSpan.Zero && age < life;

    private void Remove(TKey key)
    {
        if (_index.Remove(key, out var node))
        {
            _order.Remove(node);
        }
    }
}
