using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides whether a container may run, by its immutable image id: a valid approval is enough, without network; otherwise the
/// image is decided afresh (decisions.md, "Requests" and "Approvals"). Access to the host is looked at each time, since links
/// and the policy may have changed since the container was created.
/// </summary>
internal sealed class StartDecider(
    ApprovalStore approvals, ApprovalCheck check, ImageDecider images, HostAccessGuard hostAccess, EngineClient engine, DecisionSlots slots)
{
    /// <summary>By the text of a request's path: a name, an id or an id prefix.</summary>
    public async Task<Decision> DecideAsync(string container, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail("");
        if (!ContainerNames.IsPlausible(container))
        {
            trail.Failed("container", "not a container name or id");
            return trail.Refuse(ReasonCode.BadReference, Messages.NoSuchContainer(container));
        }

        try
        {
            var found = await engine.FindContainerAsync(container, cancellation).ConfigureAwait(false);
            if (found is not null)
            {
                return await DecideAsync(found, container, policy, cancellation).ConfigureAwait(false);
            }

            trail.Failed("container", "the engine has none of this name or id");
            return trail.Refuse(ReasonCode.BadReference, Messages.NoSuchContainer(container));
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }
    }

    /// <summary>For a container that was looked at already; <paramref name="shown"/> is what the user calls it.</summary>
    public async Task<Decision> DecideAsync(EngineContainer container, string shown, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await DecideImageAsync(container, shown, policy, cancellation).ConfigureAwait(false);
        return await hostAccess
            .CheckAsync(decision, $"container {UntrustedText.Escape(shown)}", container, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<Decision> DecideImageAsync(EngineContainer container, string shown, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail(UntrustedText.Escape(container.ConfiguredImage ?? ""))
        {
            ContainerId = container.Id,
            ImageId = container.ImageId,
        };
        if (container.ImageId is null)
        {
            trail.Failed("container", "it has no image");
            return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.ContainerHasNoImage(shown));
        }

        var approval = approvals.Find(container.Id);
        if (approval is not null && policy.StartCheck == StartCheck.Approval)
        {
            var approved = await FromApprovalAsync(approval, container, policy, trail, cancellation).ConfigureAwait(false);
            if (approved is not null)
            {
                return approved;
            }
        }

        if (container.HasImageMounts && approval is null)
        {
            trail.Failed("image-mounts", "no approval says what is mounted");
            return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.MountsNotShown(shown));
        }

        return await slots.RunAsync(
            () => AfreshAsync(container, approval, shown, policy, trail, cancellation), cancellation).ConfigureAwait(false);
    }

    private async Task<Decision?> FromApprovalAsync(
        Approval approval, EngineContainer container, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        try
        {
            var identity = await engine.IdentityAsync(cancellation).ConfigureAwait(false);
            var objection = await check.FindObjectionAsync(approval, container, identity, policy, cancellation).ConfigureAwait(false);
            if (objection is not null)
            {
                trail.Failed("approval", objection);
                return null;
            }
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }

        trail.Passed("approval", $"decided {approval.ApprovedAt:O} as {approval.Repository}{(approval.Tag.Length == 0 ? "" : ":" + approval.Tag)} signed {approval.SignedDigest}");
        if (ImageReferenceParser.TryParseNamed(approval.Repository, out var name, out _))
        {
            EvidenceDecider.NoteEnd(policy.Signatures.Match(name.Repository), EvidenceKinds.Of(approval.Evidence), trail);
        }

        return trail.Trust(ReasonCode.Approved, $"container {container.Id} was decided when it was created") with
        {
            Repository = approval.Repository,
            Tag = approval.Tag.Length == 0 ? null : approval.Tag,
            Role = approval.Role.Length == 0 ? null : approval.Role,
            Evidence = approval.Evidence ?? [],
            DecidedBy = EvidenceKinds.Of(approval.Evidence),
            SignerKeyIds = approval.SignerKeyIds,
            SignedDigest = Digest.TryParse(approval.SignedDigest, out var digest) ? digest : null,
            RootKeyIds = approval.RootKeyIds,
            RootCertificateIds = approval.RootCertificateIds,
        };
    }

    private async Task<Decision> AfreshAsync(
        EngineContainer container, Approval? approval, string shown, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        trail.Passed("container", $"{container.Id} was made from image {container.ImageId}");
        var decision = await images.DecideIdAsync(
            container.ImageId!.ToString(), container.ImageId, [approval?.Repository, container.ConfiguredImage], policy, cancellation)
            .ConfigureAwait(false);
        foreach (var mount in approval?.ImageMounts ?? [])
        {
            if (decision.IsAllowed && ImageReference.TryParse(mount, out var reference, out _))
            {
                var mounted = await images.DecideReferenceAsync(mount, reference, policy, cancellation).ConfigureAwait(false);
                decision = mounted.IsAllowed ? decision.Beside(mounted) : mounted;
            }
        }

        return decision with
        {
            Image = trail.Image,
            ContainerId = container.Id,
            Checks = [.. trail.End(decision.Outcome, decision.Reason, "").Checks, .. decision.Checks],
            Message = decision.IsAllowed ? decision.Message : Messages.ContainerRefused(shown, decision.Message),
        };
    }
}
