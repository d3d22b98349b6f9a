using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// The request phase (<c>AuthZPlugin.AuthZReq</c>): reads the request, decides it under one policy snapshot and within one time
/// budget, records the decision, and answers. Whatever goes wrong here denies in enforced mode.
/// </summary>
internal sealed class RequestAuthorizer(
    PullDecider pulls,
    ImageDecider images,
    StartDecider starts,
    DecisionSlots slots,
    ApprovalStore approvals,
    NameGate gate,
    PendingRequests pending,
    Recorder recorder,
    EngineTransport engine,
    TimeProvider time,
    AuthorizationOptions options,
    ILogger logger)
{
    /// <param name="request">Null when the engine's message was empty or unreadable (R2).</param>
    public async Task<Answer> AuthorizeAsync(AuthZRequest? request, PolicyInForce inForce, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var policy = inForce.Policy;
        if (policy?.Mode == EnforcementMode.Disabled)
        {
            return Answer.Allowed;
        }

        if (request is null)
        {
            var unreadable = new Trail("").Refuse(ReasonCode.UnreadableMessage, Messages.Unreadable());
            return recorder.Record(unreadable, null, "request", policy, started);
        }

        var read = EngineRequestReader.Read(request);
        if (read is ReadRequest || (policy is not null && read is NoImageRequest))
        {
            return Answer.Allowed;
        }

        if (policy is null)
        {
            var invalid = new Trail("").Refuse(ReasonCode.PolicyInvalid, inForce.InvalidMessage);
            return recorder.Record(invalid, request, "request", null, started);
        }

        return await DecideAsync(request, read, policy, started, cancellation).ConfigureAwait(false);
    }

    private async Task<Answer> DecideAsync(
        AuthZRequest request, EngineRequest read, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = new CancellationTokenSource(options.DecisionTimeout, time);
        using var link = timer.Token.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), budget);
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
            return recorder.Record(late, request, "request", policy, started);
        }
#pragma warning disable CA1031 // The last line of defence: a fault of ours must deny (with its record), not reach the engine as a broken connection.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.Fault(logger, e);
            var fault = new Trail(shown).Undecided(ReasonCode.InternalError, Messages.Internal(shown));
            return recorder.Record(fault, request, "request", policy, started);
        }
    }

    private async Task<Answer> DecideImageAsync(
        AuthZRequest request, EngineRequest read, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        if (read is StartRequest start && !ContainerNames.IsFullId(start.Container) && policy.Mode == EnforcementMode.Enforced)
        {
            return await StartByNameAsync(request, start, policy, started, cancellation).ConfigureAwait(false);
        }

        var decision = await DecideAsync(read, policy, cancellation).ConfigureAwait(false);
        var answer = recorder.Record(decision, request, "request", policy, started);
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

    private Task<Decision> DecideAsync(EngineRequest read, TrustPolicy policy, CancellationToken cancellation) => read switch
    {
        PullRequest pull => slots.RunAsync(() => pulls.DecideAsync(pull.Image, policy, cancellation), cancellation),
        CreateRequest create => slots.RunAsync(() => DecideCreateAsync(create, policy, cancellation), cancellation),
        StartRequest start => starts.DecideAsync(start.Container, policy, cancellation),
        RestartPolicyRequest update => starts.DecideAsync(update.Container, policy, cancellation),
        PolicyGatedRequest gated => Task.FromResult(new Trail("").Refuse(ReasonCode.RefusedByPolicy, gated.Message)),
        RefusedRequest refused => Task.FromResult(new Trail("").Refuse(refused.Reason, refused.Message)),
        _ => throw new InvalidOperationException($"no decision for {read.GetType().Name}"),
    };

    private async Task<Decision> DecideCreateAsync(CreateRequest create, TrustPolicy policy, CancellationToken cancellation)
    {
        var text = UntrustedText.Escape(create.ImageText);
        if (approvals.IsFull)
        {
            return new Trail(text).Refuse(ReasonCode.ApprovalStoreFull, Messages.ApprovalsFull(approvals.Limit));
        }

        var decision = await images.DecideReferenceAsync(create.ImageText, create.Image, policy, cancellation).ConfigureAwait(false);
        foreach (var mount in create.ImageMounts)
        {
            if (decision.IsTrusted)
            {
                var mounted = await DecideMountAsync(mount, policy, cancellation).ConfigureAwait(false);
                decision = mounted.IsTrusted ? decision with { Checks = [.. decision.Checks, .. mounted.Checks] } : mounted;
            }
        }

        return decision;
    }

    /// <summary>A tag could move and cannot be checked later, so mounts are named by digest or id (decisions.md, "Requests").</summary>
    private async Task<Decision> DecideMountAsync(ImageReference mount, TrustPolicy policy, CancellationToken cancellation) =>
        mount is NamedReference { Digest: null }
            ? new Trail(mount.ToString()).Refuse(ReasonCode.BadReference, Messages.MountByTag(mount.ToString()))
            : await images.DecideReferenceAsync(mount.ToString(), mount, policy, cancellation).ConfigureAwait(false);

    /// <summary>The names stand still from before the look at the container until the engine has started it.</summary>
    private async Task<Answer> StartByNameAsync(
        AuthZRequest request, StartRequest start, TrustPolicy policy, long started, CancellationToken cancellation)
    {
        var lease = await gate.EnterAsync(GateSide.StartByName, cancellation).ConfigureAwait(false);
        var kept = false;
        try
        {
            var decision = await starts.DecideAsync(start.Container, policy, cancellation).ConfigureAwait(false);
            var answer = recorder.Record(decision, request, "request", policy, started);
            if (answer.Allow)
            {
                pending.Add(request, new PendingRequest(start, decision, [], lease, time.GetUtcNow()));
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
