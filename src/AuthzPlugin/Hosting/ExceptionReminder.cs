using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Hosting;

/// <summary>
/// Says in the log which exceptions have ended or will end soon: when a policy comes into force, once a day, and when one ends. Asked every
/// second or so by one caller.
/// </summary>
internal sealed class ExceptionReminder(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    private TrustPolicy? _policy;
    private DateTimeOffset _lookedAt;
    private long _saidAt;

    /// <summary>True: an exception of this policy ended since the last look, so what it let run is to be decided anew.</summary>
    public bool Look(TrustPolicy? policy)
    {
        if (policy is null)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var isNew = policy.Fingerprint != _policy?.Fingerprint;
        var ended = !isNew && policy.Exceptions.All.Any(e => e.IsInForce(_lookedAt) && !e.IsInForce(now));
        if (isNew || ended || time.GetElapsedTime(_saidAt) >= Interval)
        {
            _saidAt = time.GetTimestamp();
            foreach (var warning in ExceptionAdvice.Warnings(policy, now))
            {
                Log.ExceptionEnds(logger, warning.ToString());
            }
        }

        (_policy, _lookedAt) = (policy, now);
        return ended;
    }
}
