using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Running;
using AuthzPlugin.Trust.Errors;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// The request phase (<c>AuthZPlugin.AuthZReq</c>): reads the request, decides it under one policy snapshot and within one time
/// budget, records the decision, and answers. Whatever goes wrong here denies in enforced mode.
/// </summary>
internal sealed class RequestAuthorizer(
    RequestDecider decider,
    NameGate gate,
    PendingRequests pending,
    AskedStarts asked,
    Recorder recorder,
    DecisionMeter? meter,
    EngineTransport engine,
    TimeProvider time,
    AuthorizationOptions options,
    ILogger logger)
{
    /// <summary>The engine resolves the name of an upload at once; the upload itself may take its time, and names need not wait for it.</summary>
    private static readonly TimeSpan UploadLease = TimeSpan.FromSeconds(1);

    /// <param name="request">Null when the engine's message was empty or unreadable (R2).</param>
    public async ValueTask<Answer> AuthorizeAsync(AuthZRequest? request, PolicyInForce inForce, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (inForce.Policy?.Mode == EnforcementMode.Disabled)
        {
            return Answer.Allowed;
        }

        var read = request is null ? null : EngineRequestReader.Read(request);
        read = read is PolicyGatedRequest gated ? gated with { Inspected = request!.InspectedByGate } : read;
        var answer = await AnswerAsync(request, read, inForce, started, cancellation).ConfigureAwait(false);
        meter?.Answered(read, DecisionMeter.RequestPhase, started);
        return answer;
    }

    /// <param name="read">Null together with <paramref name="request"/>.</param>
    private async ValueTask<Answer> AnswerAsync(
        AuthZRequest? request, EngineRequest? read, PolicyInForce inForce, long started, CancellationToken cancellation)
    {
        var policy = inForce.Policy;
        if (request is null || read is null)
        {
            var unreadable = new Trail("").Refuse(ReasonCode.UnreadableMessage, Messages.Unreadable());
            return recorder.Record(unreadable, null, DecisionMeter.RequestPhase, policy, started);
        }

        if (read is ReadRequest || (policy is not null && read is NoImageRequest))
        {
            return Answer.Allowed;
        }

        if (policy is null)
        {
            var invalid = new Trail("").Refuse(ReasonCode.PolicyInvalid, inForce.InvalidMessage);
            return recorder.Record(invalid, request, DecisionMeter.RequestPhase, null, started);
        }

        return await DecideAsync(request, read, policy, started, cancellation).ConfigureAwait(false);
    }

    private async Task<Answer> DecideAsync(
        AuthZRequest request, EngineRequest read, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(options.DecisionTimeout, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var shown = read is CreateRequest create ? UntrustedText.Escape(create.ImageText) : (read as PullRequest)?.Image.ToString() ?? "";
        try
        {
            return read is NameChangeRequest
                ? await HoldNamesAsync(request, read, null, policy, budget.Token).ConfigureAwait(false)
                : await DecideImageAsync(request, read, policy, started, budget.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            var late = new Trail(shown).Undecided(ReasonCode.TimedOut, Messages.TimedOut(shown, options.DecisionTimeout));
            return recorder.Record(late, request, DecisionMeter.RequestPhase, policy, started);
        }
#pragma warning disable CA1031 // The last line of defence: a fault of ours must deny (with its record), not reach the engine as a broken connection.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Fault(logger, e);
            var fault = new Trail(shown).Undecided(ReasonCode.InternalError, Messages.Internal(shown));
            return recorder.Record(fault, request, DecisionMeter.RequestPhase, policy, started);
        }
    }

    private async Task<Answer> DecideImageAsync(
        AuthZRequest request, EngineRequest read, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        var container = read switch
        {
            StartRequest start => start.Container,
            RestartPolicyRequest update => update.Container,
            HostAccessRequest change when policy.HostAccess == PolicyAnswer.Refuse => change.Container,
            ContentRequest content when policy.ContainerChanges == PolicyAnswer.Refuse => content.Container,
            _ => null,
        };
        var holdsNames = container is not null && policy.Mode == EnforcementMode.Enforced;
        if (holdsNames && !ContainerNames.IsFullId(container!))
        {
            return await DecideByNameAsync(request, read, policy, started, cancellation).ConfigureAwait(false);
        }

        var decision = await decider.DecideAsync(read, policy, cancellation).ConfigureAwait(false);
        if (holdsNames && decision.IsAllowed && (decision.ContainerId != container || decision.NamesOthers))
        {
            // 64 hex digits, but a name; or names in what it was created with.
            return await DecideByNameAsync(request, read, policy, started, cancellation).ConfigureAwait(false);
        }

        var answer = Record(decision, request, read, policy, started);
        if (!answer.Allow || read is not (CreateRequest or StartRequest))
        {
            return answer;
        }

        if (read is CreateRequest)
        {
            return await HoldNamesAsync(request, read, decision, policy, cancellation).ConfigureAwait(false);
        }

        pending.Add(request, new PendingRequest(read, decision, [], null, time.GetUtcNow()));
        return answer;
    }

    private Answer Record(Decision decision, AuthZRequest request, EngineRequest read, TrustPolicy policy, long started)
    {
        var answer = recorder.Record(decision, request, DecisionMeter.RequestPhase, policy, started);
        if (answer.Allow && read is StartRequest && decision.ContainerId is { } container)
        {
            asked.Add(container);
        }

        return answer;
    }

    /// <summary>The names stand still from before the look at the container until the engine has done what was asked.</summary>
    private async Task<Answer> DecideByNameAsync(
        AuthZRequest request, EngineRequest read, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        var lease = await gate.EnterAsync(GateSide.StartByName, cancellation, read is ContentRequest ? UploadLease : null).ConfigureAwait(false);
        var kept = false;
        try
        {
            var decision = await decider.DecideAsync(read, policy, cancellation).ConfigureAwait(false);
            var answer = Record(decision, request, read, policy, started);
            if (answer.Allow)
            {
                pending.Add(request, new PendingRequest(read, decision, [], lease, time.GetUtcNow()));
                kept = true;
            }

            return answer;
        }
        finally
        {
            if (!kept)
            {
                lease.Dispose();
            }
        }
    }

    /// <summary>Lets a request that changes names go on once no start by name is under way. It is only delayed, never refused, here.</summary>
    private async Task<Answer> HoldNamesAsync(
        AuthZRequest request, EngineRequest read, Decision? decision, TrustPolicy policy, CancellationToken cancellation)
    {
        var own = engine.IsOwnCall(request.Headers);
        var lease = own || policy.Mode != EnforcementMode.Enforced
            ? null
            : await gate.EnterAsync(GateSide.ChangeNames, cancellation).ConfigureAwait(false);
        if (lease is not null || read is CreateRequest)
        {
            var mounts = (read as CreateRequest)?.ImageMounts.Select(m => m.ToString()).ToArray() ?? [];
            pending.Add(request, new PendingRequest(read, decision, mounts, lease, time.GetUtcNow()));
        }

        return Answer.Allowed;
    }
}
