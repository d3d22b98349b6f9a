using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>What makes two questions about signatures the same: the digest in its repository, and what counts as a signature.</summary>
internal sealed record SignatureKey(RepositoryName Repository, Digest Digest, EvidenceKind Kind, string Demand)
{
    public static SignatureKey Of(RepositoryName repository, Digest digest, SignatureDemand demand) =>
        new(repository, digest, demand.Kind, demand.Fingerprint);
}

/// <summary>The answer to such a question: evidence, or why there is none.</summary>
internal sealed record SignatureAnswer(SignatureEvidence? Evidence, TransportException? Problem, DateTimeOffset At)
{
    public bool IsEnough => Evidence is { IsEnough: true };
}

/// <summary>
/// Answers of late, in memory, at most 4096, the oldest go first. Enough signatures count for as long as the policy says; everything else
/// answers for seconds only, so that a flood of questions is not a flood of searches. Safe for concurrent use.
/// </summary>
internal sealed class SignatureMemory(TimeSpan negativeLife, TimeProvider time)
{
    private const int MaximumEntries = 4096;

    private readonly Dictionary<SignatureKey, LinkedListNode<(SignatureKey Key, SignatureAnswer Answer)>> _index = [];
    private readonly LinkedList<(SignatureKey Key, SignatureAnswer Answer)> _order = [];
    private readonly Lock _gate = new();

    /// <param name="maxAge">How long enough signatures count.</param>
    public SignatureAnswer? Find(SignatureKey key, TimeSpan maxAge)
    {
        lock (_gate)
        {
            return _index.TryGetValue(key, out var node) && IsRecent(node.Value.Answer, maxAge) ? node.Value.Answer : null;
        }
    }

    public void Keep(SignatureKey key, SignatureAnswer answer)
    {
        lock (_gate)
        {
            if (_index.Remove(key, out var old))
            {
                _order.Remove(old);
            }

            _index[key] = _order.AddLast((key, answer));
            while (_order.Count > MaximumEntries)
            {
                _index.Remove(_order.First!.Value.Key);
                _order.RemoveFirst();
            }
        }
    }

    // A clock that was set back makes an answer look as if it came from the future: it counts no more.
    private bool IsRecent(SignatureAnswer answer, TimeSpan maxAge) =>
        time.GetUtcNow() is var now
        && now - answer.At is var age && age >= TimeSpan.Zero && age < (answer.IsEnough ? maxAge : negativeLife)
        && !(answer.Evidence?.CountsUntil <= now);
}
