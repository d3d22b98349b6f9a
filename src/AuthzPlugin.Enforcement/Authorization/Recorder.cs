using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>Turns a decision into the answer of the mode, and writes its audit record before the answer is given.</summary>
/// <param name="refuseUnrecorded">In enforced mode nothing is allowed whose record cannot be written.</param>
internal sealed class Recorder(
    AuditLog audit, bool refuseUnrecorded, DecisionCounts counts, DecisionMeter? meter, TimeProvider time, ILogger logger)
{
    /// <param name="policy">Null when the policy is invalid.</param>
    /// <param name="started">Timestamp of <see cref="TimeProvider"/> when the question came.</param>
    public Answer Record(Decision decision, AuthZRequest? request, string phase, TrustPolicy? policy, long started)
    {
        var permissive = policy?.Mode == EnforcementMode.Permissive;
        var answer = (decision.IsAllowed, permissive) switch
        {
            (true, _) => "allow",
            (false, true) => "would-deny",
            _ => "deny",
        };
        var mode = policy?.Mode.ToString().ToLowerInvariant() ?? "invalid-policy";
        var record = AuditRecords.From(decision, request, phase, mode, answer, time.GetUtcNow(), time.GetElapsedTime(started));
        var written = TryWrite(record);
        var lost = answer == "allow" && !permissive && refuseUnrecorded && !written;
        meter?.Decided(decision, phase, lost ? "deny" : answer);
        if (answer != "allow")
        {
            LogRefusal(decision, permissive);
        }

        var given = lost ? Answer.Denied(Messages.AuditFailed())
            : answer == "deny" ? Answer.Denied(decision.Message)
            : Answer.Allowed;
        counts.Add(decision.Outcome, denied: !given.Allow);
        return given;
    }

    private bool TryWrite(AuditRecord record)
    {
        try
        {
            audit.Write(record);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.AuditNotWritten(logger, e.Message);
            return false;
        }
    }

    private void LogRefusal(Decision decision, bool permissive)
    {
        if (permissive)
        {
            Log.WouldDeny(logger, decision.Reason.ToText(), decision.Message);
        }
        else
        {
            Log.Denied(logger, decision.Reason.ToText(), decision.Message);
        }
    }
}
