namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>One metric with all its series, added up since the listener came. Safe for concurrent use.</summary>
internal sealed class MetricFamily(MetricDescription metric, bool isObserved)
{
    /// <summary>
    /// Labels have few values by construction, so this is never reached; should a fault of ours make values without end, new series are
    /// left out rather than kept in memory.
    /// </summary>
    public const int MaxSeries = 2000;

    private readonly Dictionary<SeriesKey, MetricSeries> _series = [];
    private readonly double[] _bounds = [.. metric.Buckets];
    private readonly Lock _lock = new();

    public MetricDescription Metric => metric;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = SeriesKey.Of(metric.Labels, tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(key, out var series))
            {
                if (_series.Count >= MaxSeries)
                {
                    return;
                }

                _series[key] = series = new MetricSeries(_bounds.Length);
            }

            if (isObserved)
            {
                series.Set(value);
            }
            else
            {
                series.Add(value, _bounds);
            }
        }
    }

    /// <summary>Observed values are read anew each time: what is not there any more must not linger.</summary>
    public void Forget()
    {
        if (isObserved)
        {
            lock (_lock)
            {
                _series.Clear();
            }
        }
    }

    /// <summary>Every series as it is now.</summary>
    public IReadOnlyList<(SeriesKey Key, MetricSeries Series)> Snapshot()
    {
        lock (_lock)
        {
            return [.. _series.Select(s => (s.Key, s.Value.Copy()))];
        }
    }
}

/// <summary>The values of one series. Not safe for concurrent use: its family locks.</summary>
internal sealed class MetricSeries(int bounds)
{
    private readonly long[] _buckets = new long[bounds];

    /// <summary>Sum of a counter or histogram; the value of a gauge.</summary>
    public double Value { get; private set; }

    /// <summary>How many values were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Values in each bucket alone; those above the last bound are in <see cref="Count"/> only.</summary>
    public IReadOnlyList<long> Buckets => _buckets;

    public void Set(double value) => Value = value;

    public void Add(double value, double[] upperBounds)
    {
        Value += value;
        Count++;
        var bucket = 0;
        while (bucket < upperBounds.Length && value > upperBounds[bucket])
        {
            bucket++;
        }

        if (bucket < _buckets.Length)
        {
            _buckets[bucket]++;
        }
    }

    public MetricSeries Copy()
    {
        var copy = new MetricSeries(_buckets.Length) { Value = Value, Count = Count };
        _buckets.CopyTo(copy._buckets, 0);
        return copy;
    }
}
