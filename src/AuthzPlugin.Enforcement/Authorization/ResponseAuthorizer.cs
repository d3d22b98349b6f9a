using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// The response phase (<c>AuthZPlugin.AuthZRes</c>): the engine has done its work, so what is wrong must be undone here:
/// a container made from other content than was decided is removed, one that started under a moved name is killed.
/// </summary>
internal sealed class ResponseAuthorizer(
    CreatedContainers created,
    StartedContainers startedContainers,
    PendingRequests pending,
    Recorder recorder,
    DecisionMeter? meter,
    TimeProvider time,
    AuthorizationOptions options,
    ILogger logger)
{
    public async Task<Answer> AuthorizeAsync(
        AuthZRequest request, EngineResult result, PolicyInForce inForce, CancellationToken cancellation)
    {
        var waiting = pending.Find(request);
        var policy = inForce.Policy;
        if (policy is null || policy.Mode == EnforcementMode.Disabled)
        {
            return Release(request);
        }

        // Without a waiting request (this process is younger than the request) what the request was is read again.
        var read = waiting.Count > 0 ? waiting[0].Request : EngineRequestReader.Read(request);
        if (read is not (CreateRequest or StartRequest))
        {
            return Release(request);
        }

        var begun = time.GetTimestamp();
        var answer = read is StartRequest start
            ? await StartedAsync(request, start, result, policy, cancellation).ConfigureAwait(false)
            : await CreatedAsync(request, result, waiting, policy, cancellation).ConfigureAwait(false);
        meter?.Answered(read, DecisionMeter.ResponsePhase, begun);
        return answer;
    }

    private Answer Release(AuthZRequest request)
    {
        pending.TakeOldest(request)?.Lease?.Dispose();
        return Answer.Allowed;
    }

    private async Task<Answer> CreatedAsync(
        AuthZRequest request, EngineResult result, IReadOnlyList<PendingRequest> waiting, TrustPolicy policy, CancellationToken cancellation)
    {
        if (!result.IsSuccess)
        {
            return Release(request);
        }

        // Names may move again: what was created is known by its id alone.
        foreach (var one in waiting)
        {
            one.Lease?.Dispose();
        }

        var started = time.GetTimestamp();
        var outcome = await GuardAsync(
            token => created.ExamineAsync(result, waiting, policy, token), cancellation).ConfigureAwait(false);
        if (outcome.Match is null || !pending.Take(request, outcome.Match))
        {
            pending.TakeOldest(request);
        }

        return outcome.Decision is null
            ? Answer.Allowed
            : recorder.Record(outcome.Decision, request, DecisionMeter.ResponsePhase, policy, started);
    }

    private async Task<Answer> StartedAsync(
        AuthZRequest request,
        StartRequest start,
        EngineResult result,
        TrustPolicy policy,
        CancellationToken cancellation)
    {
        var one = pending.TakeOldest(request);
        var started = time.GetTimestamp();
        try
        {
            if (policy.Mode != EnforcementMode.Enforced || !result.IsSuccess)
            {
                return Answer.Allowed;
            }

            var outcome = await GuardAsync(
                token => startedContainers.ExamineAsync(start, one, policy, token), cancellation).ConfigureAwait(false);
            return outcome.Decision is null
                ? Answer.Allowed
                : recorder.Record(outcome.Decision, request, DecisionMeter.ResponsePhase, policy, started);
        }
        finally
        {
            one?.Lease?.Dispose();
        }
    }

    private async Task<ResponseFinding> GuardAsync(Func<CancellationToken, Task<ResponseFinding>> examine, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(options.DecisionTimeout, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var trail = new Trail("");
        try
        {
            return await examine(budget.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return new ResponseFinding(Failures.ToDecision(e, trail), null);
        }
        catch (OperationCanceledException)
        {
            return new ResponseFinding(trail.Undecided(ReasonCode.TimedOut, Messages.TimedOut("", options.DecisionTimeout)), null);
        }
#pragma warning disable CA1031 // The last line of defence: a fault of ours hides the reply and is recorded; no approval was written.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Fault(logger, e);
            return new ResponseFinding(trail.Undecided(ReasonCode.InternalError, Messages.Internal("")), null);
        }
    }
}

/// <summary>What a look at the engine after a request showed.</summary>
/// <param name="Decision">To be recorded; null when there is nothing to say.</param>
/// <param name="Match">The waiting request that it belongs to.</param>
internal sealed record ResponseFinding(Decision? Decision, PendingRequest? Match);
