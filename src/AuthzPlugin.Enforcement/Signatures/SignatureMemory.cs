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
/// Answers of late. Enough signatures count for as long as the policy says; everything else answers for seconds only, so that a flood of
/// questions is not a flood of searches. Safe for concurrent use.
/// </summary>
internal sealed class SignatureMemory(TimeSpan negativeLife, TimeProvider time)
{
    private readonly RecentAnswers<SignatureKey, SignatureAnswer> _answers = new(time);

    /// <param name="maxAge">How long enough signatures count.</param>
    public SignatureAnswer? Find(SignatureKey key, TimeSpan maxAge) =>
        _answers.Find(key) is { } answer && _answers.IsWithin(answer.At, answer.IsEnough ? maxAge : negativeLife) && !(answer.Evidence?.CountsUntil <= time.GetUtcNow())
            ? answer
            : null;

    public void Keep(SignatureKey key, SignatureAnswer answer) => _answers.Keep(key, answer);
}
