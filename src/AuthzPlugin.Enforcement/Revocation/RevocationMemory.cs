using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>What asking came to: a response, a list, or why there is neither.</summary>
/// <param name="IsRevoked">It is an answer that says so.</param>
/// <param name="At">When it was asked.</param>
/// <param name="Until">When it is out of date; of a failure, when it may be tried again.</param>
/// <param name="Weight">In bytes.</param>
internal sealed record RevocationFind(
    OcspResponse? Response, RevocationList? List, string Problem, bool IsRevoked, DateTimeOffset At, DateTimeOffset Until, long Weight)
{
    public bool IsFailure => Response is null && List is null;
}

/// <summary>
/// What was learned of late, bounded by count and bytes; the oldest go first, and those that say revoked after all others. Safe for concurrent
/// use.
/// </summary>
internal sealed class RevocationMemory(int maxItems, long maxBytes)
{
    private readonly Dictionary<string, LinkedListNode<(string Key, RevocationFind Find)>> _index = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, RevocationFind Find)> _order = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>How much it holds.</summary>
    public (int Items, long Bytes) Size
    {
        get
        {
            lock (_gate)
            {
                return (_order.Count, _bytes);
            }
        }
    }

    /// <summary>Whatever is known, out of date or not.</summary>
    public RevocationFind? Find(string key)
    {
        lock (_gate)
        {
            return _index.TryGetValue(key, out var node) ? node.Value.Find : null;
        }
    }

    public void Keep(string key, RevocationFind find)
    {
        lock (_gate)
        {
            Forget(key);
            if (find.Weight > maxBytes)
            {
                return;
            }

            _index[key] = _order.AddLast((key, find));
            _bytes += find.Weight;
            while (_order.Count > maxItems || _bytes > maxBytes)
            {
                Forget(_order.FirstOrDefault(i => !i.Find.IsRevoked && i.Key != key).Key ?? (find.IsRevoked ? _order.First!.Value.Key : key));
            }
        }
    }

    private void Forget(string key)
    {
        if (_index.Remove(key, out var node))
        {
            _order.Remove(node);
            _bytes -= node.Value.Find.Weight;
        }
    }
}
