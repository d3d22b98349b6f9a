using System.Globalization;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What a request is decided by: <see cref="GoodPolicy"/> or <see cref="InvalidPolicy"/>. Immutable.</summary>
public abstract record PolicyState
{
    private protected PolicyState()
    {
    }
}

/// <summary>A policy is in force.</summary>
public sealed record GoodPolicy(TrustPolicy Policy, IReadOnlyList<PolicyProblem> Warnings) : PolicyState;

/// <summary>
/// There has been no good policy since the start: reads are answered, everything else is refused with <see cref="Refusal"/>.
/// </summary>
/// <param name="Problems">At least one.</param>
public sealed record InvalidPolicy(IReadOnlyList<PolicyProblem> Problems, IReadOnlyList<PolicyProblem> Warnings) : PolicyState
{
    /// <summary>Longest account of the first problem in a refusal, in characters.</summary>
    private const int MaxSummary = 400;

    /// <summary>The sentence for whoever made the request.</summary>
    public string Refusal
    {
        get
        {
            var first = Problems[0].Summary;
            first = first.Length > MaxSummary ? first[..MaxSummary] + "…" : first;
            var more = Problems.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (+{Problems.Count - 1} more)") : "";
            return $"the content-trust policy is invalid: {first}{more}; run content-trust check-config";
        }
    }
}
