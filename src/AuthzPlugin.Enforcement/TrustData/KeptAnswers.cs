namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>
/// Answers that were found once, within a bound; when it is reached, keeping begins anew. Readers take no lock: a change replaces the whole
/// table. Safe for concurrent use.
/// </summary>
internal sealed class KeptAnswers<TKey, TValue>(int maximum, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private volatile Dictionary<TKey, TValue> _answers = new(comparer);

    /// <summary>The kept answer; null when there is none.</summary>
    public TValue? Get(TKey key) => _answers.TryGetValue(key, out var kept) ? kept : null;

    /// <summary>Keeps an answer and returns it.</summary>
    public TValue Keep(TKey key, TValue value)
    {
        lock (_gate)
        {
            _answers = _answers.Count < maximum
                ? new Dictionary<TKey, TValue>(_answers, comparer) { [key] = value }
                : new Dictionary<TKey, TValue>(comparer) { [key] = value };
        }

        return value;
    }
}
