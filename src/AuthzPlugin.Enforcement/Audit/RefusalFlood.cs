namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// Equal refusals in a flood (a client that tries again and again) are written a few times and then counted, so that nobody can fill
/// the disk with them or bury other records. What was allowed, and what was undone in the response phase, is never held back.
/// </summary>
internal sealed class RefusalFlood(TimeProvider time)
{
    /// <summary>So many equal refusals are written one by one in each window.</summary>
    public const int Single = 5;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Most kinds of refusal that are counted at a time; others are written one by one.</summary>
    private const int MostKinds = 1024;

    private readonly Dictionary<Kind, Count> _counts = [];
    private readonly Lock _lock = new();

    /// <summary>What is to be written now that this record came: the record, or nothing, or the count of a window that is over and the record.</summary>
    public IReadOnlyList<AuditRecord> Pass(AuditRecord record)
    {
        if (record.Phase != "request" || record.Answer is not ("deny" or "would-deny"))
        {
            return [record];
        }

        var kind = new Kind(record.Phase, record.Answer, record.Method, record.Uri, record.Reason, record.Message, record.User);
        lock (_lock)
        {
            if (!_counts.TryGetValue(kind, out var count))
            {
                if (_counts.Count < MostKinds)
                {
                    _counts[kind] = new Count(time.GetTimestamp(), 1, record);
                }

                return [record];
            }

            if (time.GetElapsedTime(count.Since) >= Window)
            {
                _counts[kind] = new Count(time.GetTimestamp(), 1, record);
                return [.. Counted(count), record];
            }

            _counts[kind] = count with { Seen = count.Seen + 1, Last = record };
            return count.Seen < Single ? [record] : [];
        }
    }

    /// <summary>The counts of windows that are over, or of all.</summary>
    public IReadOnlyList<AuditRecord> Due(bool all)
    {
        lock (_lock)
        {
            var due = _counts.Where(c => all || time.GetElapsedTime(c.Value.Since) >= Window).ToArray();
            foreach (var (kind, _) in due)
            {
                _counts.Remove(kind);
            }

            return [.. due.SelectMany(c => Counted(c.Value))];
        }
    }

    private static IEnumerable<AuditRecord> Counted(Count count) =>
        count.Seen > Single ? [count.Last with { Repeated = count.Seen - Single }] : [];

    private sealed record Kind(string Phase, string Answer, string? Method, string? Uri, string Reason, string Message, string? User);

    private sealed record Count(long Since, long Seen, AuditRecord Last);
}
