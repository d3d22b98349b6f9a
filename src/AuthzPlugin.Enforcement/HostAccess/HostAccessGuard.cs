using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// Turns a decision that allows an image into a refusal when what is made of the image would have access to the host
/// (decisions.md, "Host access").
/// </summary>
internal sealed class HostAccessGuard(HostAccessDecider decider)
{
    /// <summary>For what a request asks.</summary>
    /// <param name="subject">What messages call it, escaped.</param>
    public Task<Decision> CheckAsync(
        Decision decision, string subject, IReadOnlyList<HostDemand> demands, TrustPolicy policy, CancellationToken cancellation) =>
        demands.Count == 0
            ? Task.FromResult(decision)
            : CheckAsync(decision, subject, policy, () => decider.FindAsync(demands, cancellation));

    /// <summary>For a container that exists.</summary>
    /// <param name="subject">What messages call it, escaped.</param>
    public Task<Decision> CheckAsync(
        Decision decision, string subject, EngineContainer container, TrustPolicy policy, CancellationToken cancellation) =>
        CheckAsync(
            decision with { NamesOthers = HostAccessDecider.NamesOthers(container) }, subject, policy, () => decider.FindAsync(container, cancellation));

    /// <summary>For what is mounted in a container that exists, and nothing else of it.</summary>
    /// <param name="subject">What messages call it, escaped.</param>
    public Task<Decision> CheckMountsAsync(
        Decision decision, string subject, EngineContainer container, TrustPolicy policy, CancellationToken cancellation) =>
        CheckAsync(decision, subject, policy, () => decider.FindInMountsAsync(container, cancellation));

    private static async Task<Decision> CheckAsync(
        Decision decision, string subject, TrustPolicy policy, Func<Task<HostAccessFinding?>> find)
    {
        if (!decision.IsAllowed || IsLifted(decision, policy))
        {
            return decision;
        }

        try
        {
            return await find().ConfigureAwait(false) is { } found ? Refuse(decision, subject, found) : decision;
        }
        catch (EngineException e)
        {
            var failed = Failures.ToDecision(e, new Trail(decision.Image));
            return decision with
            {
                Outcome = failed.Outcome,
                Reason = failed.Reason,
                Message = failed.Message,
                Checks = [.. decision.Checks, .. failed.Checks],
            };
        }
    }

    /// <summary>The list goes by what is signed in a repository; an exception is not, whatever it is called.</summary>
    private static bool IsLifted(Decision decision, TrustPolicy policy) =>
        policy.HostAccess == PolicyAnswer.Allow
        || (decision.IsTrusted && decision.Repository is { } repository && policy.HostAccessFor.Covers(repository));

    private static Decision Refuse(Decision decision, string subject, HostAccessFinding found) => decision with
    {
        Outcome = Outcome.Refused,
        Reason = ReasonCode.HostAccess,
        Message = Messages.HostAccess(subject, $"{found.Field} {found.How}", decision.IsTrusted ? decision.Repository : null),
        Checks = [.. decision.Checks, new Check("host-access", CheckResult.Failed, $"{found.Field} {found.How}")],
    };
}
