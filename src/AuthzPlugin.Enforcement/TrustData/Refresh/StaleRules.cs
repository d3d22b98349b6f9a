using System.Globalization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>When cached data may answer although its server did not confirm it (decisions.md, "Trust data and the network").</summary>
internal static class StaleRules
{
    /// <summary>
    /// Whether the failure means that the server could not be asked. A missing login and a token server that may not be used do
    /// not: there is a server, and it does not let us see whether the data still holds.
    /// </summary>
    public static bool IsOutage(TransportException e) => e.Fault is not (TransportFault.LoginNeeded or TransportFault.TokenFlow);

    /// <summary>Null when the copy may answer; otherwise why not, as the end of a sentence.</summary>
    public static string? WhyNot(RepositoryCopy? copy, TrustPolicy policy, DateTimeOffset now)
    {
        if (copy is null)
        {
            return "no usable trust data is cached";
        }

        if (policy.AllowExpiredCachedTrustData)
        {
            return null;
        }

        if (!copy.IsCurrent(now))
        {
            var expiry = copy.Verified.EarliestExpiry.UtcDateTime;
            return string.Create(CultureInfo.InvariantCulture, $"the cached trust data expired at {expiry:yyyy-MM-dd HH:mm:ss}Z");
        }

        return copy.Age(now) switch
        {
            null => "it is not known when the cached trust data was last checked",
            { } age when age > policy.MaxStale =>
                $"the cached trust data was last checked {Durations.Text(age)} ago (max-stale is {Durations.Text(policy.MaxStale)})",
            _ => null,
        };
    }

    /// <summary>Whether a repository that its server does not know any more may still be answered from the cache.</summary>
    public static bool IsInGrace(DateTimeOffset? missingSince, TrustPolicy policy, DateTimeOffset now) =>
        missingSince is not { } since || now - since < policy.DeletedGrace;
}
