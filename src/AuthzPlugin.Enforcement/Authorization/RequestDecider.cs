using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>Which decider answers which request (decisions.md, "Requests").</summary>
internal sealed class RequestDecider(
    PullDecider pulls,
    ImageDecider images,
    ExceptionDecider exceptions,
    StartDecider starts,
    ServiceDecider services,
    PluginDecider plugins,
    HostAccessGuard hostAccess,
    EngineClient engine,
    DecisionSlots slots,
    ApprovalStore approvals)
{
    /// <summary>
    /// A refusal for want of a signature is not given on data that is some seconds old: its tag may have been signed just now, and
    /// then an honest user would be told that it is not.
    /// </summary>
    public async Task<Decision> DecideAsync(EngineRequest read, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await DecideOnceAsync(read, policy, cancellation).ConfigureAwait(false);
        return IsPerhapsOutdated(decision)
            ? await DecideOnceAsync(read, policy with { Freshness = TimeSpan.Zero }, cancellation).ConfigureAwait(false)
            : decision;
    }

    private static bool IsPerhapsOutdated(Decision decision) =>
        decision is { FromCache: true, Stale: false }
        && (decision.ExceptedReason ?? decision.Reason) is ReasonCode.NotSigned or ReasonCode.DigestMismatch or ReasonCode.LocalImageDiffers or ReasonCode.TagMoved;

    private Task<Decision> DecideOnceAsync(EngineRequest read, TrustPolicy policy, CancellationToken cancellation) => read switch
    {
        PullRequest pull => slots.RunAsync(() => DecidePullAsync(pull, policy, cancellation), cancellation),
        CreateRequest create => slots.RunAsync(() => DecideCreateAsync(create, policy, cancellation), cancellation),
        StartRequest start => starts.DecideAsync(start.Container, policy, cancellation),
        RestartPolicyRequest update => DecideChangeAsync(update.Container, update.HostAccess, policy, cancellation),
        HostAccessRequest change => DecideHostAccessAsync(change, policy, cancellation),
        ServiceRequest service => slots.RunAsync(() => services.DecideAsync(service, policy, cancellation), cancellation),
        PluginInstallRequest install => slots.RunAsync(() => plugins.DecideAsync(install, policy, cancellation), cancellation),
        PluginChangeRequest change => slots.RunAsync(() => plugins.DecideAsync(change, policy, cancellation), cancellation),
        ContentRequest content => DecideContentAsync(content, policy, cancellation),
        PolicyGatedRequest gated => Task.FromResult(DecideGate(gated, policy)),
        RefusedRequest refused => Task.FromResult(new Trail("").Refuse(refused.Reason, refused.Message)),
        _ => throw new InvalidOperationException($"no decision for {read.GetType().Name}"),
    };

    private async Task<Decision> DecidePullAsync(PullRequest pull, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await pulls.DecideAsync(pull.Image, policy, cancellation).ConfigureAwait(false);
        return await exceptions.ForPullAsync(decision, pull.Image, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<Decision> DecideCreateAsync(CreateRequest create, TrustPolicy policy, CancellationToken cancellation)
    {
        var text = UntrustedText.Escape(create.ImageText);
        if (approvals.IsFull)
        {
            return new Trail(text).Refuse(ReasonCode.ApprovalStoreFull, Messages.ApprovalsFull(approvals.Limit));
        }

        var decision = await images.DecideReferenceAsync(create.ImageText, create.Image, policy, cancellation).ConfigureAwait(false);
        decision = await images.WithMountsAsync(decision, create.ImageMounts, policy, cancellation).ConfigureAwait(false);
        if (decision.Outcome == Outcome.Excepted && create.ImageMounts.Count > 0)
        {
            // It would be created and never start: that is said here, not later.
            var check = new Check("image-mounts", CheckResult.Failed, "without an approval nothing would say later what is mounted");
            return decision with
            {
                Outcome = Outcome.Refused,
                Reason = ReasonCode.LocalImageUnknown,
                Message = Messages.ExceptedWithMounts(text),
                Checks = [.. decision.Checks, check],
            };
        }

        return await hostAccess.CheckAsync(decision, text, create.HostAccess, policy, cancellation).ConfigureAwait(false);
    }

    private Task<Decision> DecideHostAccessAsync(HostAccessRequest change, TrustPolicy policy, CancellationToken cancellation)
    {
        if (policy.HostAccess == PolicyAnswer.Allow)
        {
            return Task.FromResult(new Trail("").Trust(ReasonCode.AllowedByPolicy, "host-access is allow"));
        }

        if (change.Container is { } container)
        {
            return DecideChangeAsync(container, change.HostAccess, policy, cancellation);
        }

        // A volume belongs to no image, so host-access-for says nothing about it.
        var decision = new Trail("").Trust(ReasonCode.AllowedByPolicy, "the volume reaches nothing protected");
        return hostAccess.CheckAsync(decision, "the volume", change.HostAccess, policy, cancellation);
    }

    /// <summary>What starts later, or gets at the host, must be a container that may start; host-access-for goes by its image.</summary>
    private async Task<Decision> DecideChangeAsync(
        string container, IReadOnlyList<HostDemand> demands, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await starts.DecideAsync(container, policy, cancellation).ConfigureAwait(false);
        return await hostAccess
            .CheckAsync(decision, $"container {UntrustedText.Escape(container)}", demands, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<Decision> DecideContentAsync(ContentRequest content, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail("");
        if (content.Kind == ContentChange.Imports && policy.Imports == PolicyAnswer.Refuse)
        {
            return trail.Refuse(ReasonCode.RefusedByPolicy, Messages.ImportsRefused());
        }

        if (content.Container is { } container && (policy.ContainerChanges == PolicyAnswer.Refuse || policy.HostAccess == PolicyAnswer.Refuse))
        {
            return await DecideFilesAsync(container, policy, trail, cancellation).ConfigureAwait(false);
        }

        return trail.Trust(ReasonCode.AllowedByPolicy, "names and files prove nothing here: content is decided at create and start");
    }

    private async Task<Decision> DecideFilesAsync(string container, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        try
        {
            var found = ContainerNames.IsPlausible(container)
                ? await engine.FindContainerAsync(container, cancellation).ConfigureAwait(false)
                : null;
            if (found is null)
            {
                return trail.Refuse(ReasonCode.BadReference, Messages.NoSuchContainer(container));
            }

            trail.ContainerId = found.Id;
            return policy.ContainerChanges == PolicyAnswer.Refuse && found.StartedAt is null
                ? trail.Refuse(ReasonCode.RefusedByPolicy, Messages.ContainerChangesRefused(container))
                : await DecideMountsAsync(found, container, policy, trail, cancellation).ConfigureAwait(false);
        }
        catch (EngineException e)
        {
            return Failures.ToDecision(e, trail);
        }
    }

    /// <summary>
    /// The engine mounts what a container mounts for an upload, too, and follows links as they are now: without a start, so without
    /// the look that a start gets.
    /// </summary>
    private async Task<Decision> DecideMountsAsync(
        EngineContainer container, string shown, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        var allowed = trail.Trust(ReasonCode.AllowedByPolicy, "files prove nothing here: content is decided at create and start");
        var mounts = await hostAccess
            .CheckMountsAsync(allowed, $"container {UntrustedText.Escape(shown)}", container, policy, cancellation).ConfigureAwait(false);

        // host-access-for goes by the container's image, which must be a trusted one then.
        return mounts.IsTrusted || !(await starts.DecideAsync(container, shown, policy, cancellation).ConfigureAwait(false)).IsTrusted
            ? mounts
            : allowed;
    }

    private static Decision DecideGate(PolicyGatedRequest gated, TrustPolicy policy)
    {
        var (key, answer) = gated.Gate switch
        {
            Gate.Builds => ("builds", policy.Builds),
            Gate.Plugins => ("plugins", policy.Plugins),
            _ => ("swarm", policy.Swarm),
        };
        if (answer == PolicyAnswer.Gate)
        {
            return gated.Inspected
                ? new Trail("").Trust(ReasonCode.AllowedByPolicy, "the gate decided every image that this build begins from")
                : new Trail("").Refuse(ReasonCode.RefusedByPolicy, Messages.BuildsOnlyThroughGate());
        }

        return answer == PolicyAnswer.Allow
            ? new Trail("").Trust(ReasonCode.AllowedByPolicy, $"{key} is allow")
            : new Trail("").Refuse(ReasonCode.RefusedByPolicy, gated.Message);
    }
}
