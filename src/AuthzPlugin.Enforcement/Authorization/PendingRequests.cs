using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>What the request phase leaves for the response phase.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Decision">How it was decided; null for requests that are not decided.</param>
/// <param name="MountImages">The decided image mounts of a create.</param>
/// <param name="Lease">Held name gate, released when the result is known.</param>
/// <param name="At">When our answer was given.</param>
internal sealed record PendingRequest(
    EngineRequest Request, Decision? Decision, IReadOnlyList<string> MountImages, IDisposable? Lease, DateTimeOffset At);

/// <summary>
/// Requests between the engine's question and its report of the result. The protocol has no request id, but the result repeats the
/// whole request (engine-authz.md 1.3), so method, URI and body find it again. Requests that cannot be told apart were decided
/// alike, each by itself; the response phase compares with what was decided for one of them.
/// </summary>
internal sealed class PendingRequests(TimeProvider time)
{
    /// <summary>A result later than this is treated as one without a request.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Most requests waiting for their result; the oldest give way.</summary>
    private const int MaxPending = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<LinkedListNode<Entry>>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byAge.Count;
            }
        }
    }

    public void Add(AuthZRequest request, PendingRequest pending)
    {
        var key = KeyOf(request);
        var given = new List<Entry>();
        lock (_lock)
        {
            while (_byAge.First is { } oldest && (_byAge.Count >= MaxPending || oldest.Value.Pending.At + Lifetime < time.GetUtcNow()))
            {
                given.Add(oldest.Value);
                Remove(oldest);
            }

            if (!_byKey.TryGetValue(key, out var same))
            {
                _byKey[key] = same = new LinkedList<LinkedListNode<Entry>>();
            }

            same.AddLast(_byAge.AddLast(new Entry(key, pending)));
        }

        given.ForEach(entry => entry.Pending.Lease?.Dispose());
    }

    /// <summary>All that wait under this request's key; <see cref="Take"/> or <see cref="TakeOldest"/> ends one of them.</summary>
    public IReadOnlyList<PendingRequest> Find(AuthZRequest request)
    {
        lock (_lock)
        {
            return _byKey.TryGetValue(KeyOf(request), out var same) ? [.. same.Select(node => node.Value.Pending)] : [];
        }
    }

    /// <summary>Ends one of those that were found; false when another result ended it already.</summary>
    public bool Take(AuthZRequest request, PendingRequest pending)
    {
        lock (_lock)
        {
            if (_byKey.TryGetValue(KeyOf(request), out var same) && same.FirstOrDefault(n => ReferenceEquals(n.Value.Pending, pending)) is { } node)
            {
                Remove(node);
                return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Ends the oldest under this request's key, in one step: two results at the same time must not both end the same one, for then the
    /// other would hold its lease until the time budget ends.
    /// </summary>
    public PendingRequest? TakeOldest(AuthZRequest request)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(KeyOf(request), out var same) || same.First is not { } first)
            {
                return null;
            }

            var pending = first.Value.Value.Pending;
            Remove(first.Value);
            return pending;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        var same = _byKey[node.Value.Key];
        same.Remove(node);
        if (same.Count == 0)
        {
            _byKey.Remove(node.Value.Key);
        }

        _byAge.Remove(node);
    }

    private static string KeyOf(AuthZRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Uri}\n"));
        hash.AppendData(request.Body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record Entry(string Key, PendingRequest Pending);
}
