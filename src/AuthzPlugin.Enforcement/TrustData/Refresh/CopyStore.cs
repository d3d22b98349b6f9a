using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>
/// Verified repositories in memory, up to a number of bytes of metadata; the least recently used go first.
/// Safe for concurrent use.
/// </summary>
internal sealed class CopyStore(long maximumBytes)
{
    private readonly Dictionary<RepositoryName, LinkedListNode<(RepositoryName Name, RepositoryCopy Copy, long Bytes)>> _index = [];
    private readonly LinkedList<(RepositoryName Name, RepositoryCopy Copy, long Bytes)> _order = [];
    private readonly Lock _gate = new();
    private long _bytes;

    public RepositoryCopy? Get(RepositoryName repository)
    {
        lock (_gate)
        {
            if (!_index.TryGetValue(repository, out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddLast(node);
            return node.Value.Copy;
        }
    }

    /// <summary>All of this moment; that does not count as use.</summary>
    public IReadOnlyList<RepositoryCopy> All()
    {
        lock (_gate)
        {
            return [.. _order.Select(entry => entry.Copy)];
        }
    }

    public void Put(RepositoryName repository, RepositoryCopy copy)
    {
        lock (_gate)
        {
            RemoveLocked(repository);
            var bytes = copy.Metadata.Files.Bytes;
            _index[repository] = _order.AddLast((repository, copy, bytes));
            _bytes += bytes;
            while (_bytes > maximumBytes && _order.Count > 1)
            {
                RemoveLocked(_order.First!.Value.Name);
            }
        }
    }

    public void Remove(RepositoryName repository)
    {
        lock (_gate)
        {
            RemoveLocked(repository);
        }
    }

    private void RemoveLocked(RepositoryName repository)
    {
        if (_index.Remove(repository, out var node))
        {
            _order.Remove(node);
            _bytes -= node.Value.Bytes;
        }
    }
}
