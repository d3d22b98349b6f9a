namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Warnings about exceptions that depend on the moment: at a load they are legal, whatever the time.</summary>
public static class ExceptionAdvice
{
    /// <summary>How long before its end an exception is warned about.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(7);

    /// <summary>Exceptions that have ended, and that will end soon; in the order of the file.</summary>
    public static IReadOnlyList<PolicyProblem> Warnings(TrustPolicy policy, DateTimeOffset now) =>
    [
        .. policy.Exceptions.All.Where(e => e.Expires - now <= Notice).Select(e => e.IsInForce(now)
            ? new PolicyProblem(
                e.Source, e.Path, $"an exception for {e.Subject} that ends {e.End}", "a signed image", "have the image signed before, or set expires anew")
            : new PolicyProblem(
                e.Source, e.Path, $"an exception for {e.Subject} that ended {e.End} and has no effect", "no expired exception", "remove it, or set expires anew")),
    ];
}
