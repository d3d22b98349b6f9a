using System.Collections.Concurrent;
using System.Text.Json;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides about services: workers pull and start their images without a question, so the image must carry a signed digest, and so
/// must what the service can fall back to (decisions.md, "Requests").
/// </summary>
internal sealed class ServiceDecider(
    PullDecider pulls, ImageDecider images, ExceptionDecider exceptions, HostAccessGuard hostAccess, EngineClient engine, StandingEvidence standing)
{
    /// <summary>Most service images that are remembered as verified; beyond it an unchanged image is decided afresh.</summary>
    private const int MaxVerified = 4096;

    /// <summary>Trusted decisions by image with digest: an update that leaves a service's image alone passes, also after a withdrawal.</summary>
    private readonly ConcurrentDictionary<string, Decision> _verified = new(StringComparer.Ordinal);

    public async Task<Decision> DecideAsync(ServiceRequest request, TrustPolicy policy, CancellationToken cancellation)
    {
        try
        {
            return request.Service is { } service
                ? await DecideUpdateAsync(service, request, policy, cancellation).ConfigureAwait(false)
                : await DecideSpecAsync(request.Spec!, false, policy, cancellation).ConfigureAwait(false);
        }
        catch (EngineException e)
        {
            return Failures.ToDecision(e, new Trail(UntrustedText.Escape(request.Spec?.ImageText ?? "")));
        }
    }

    private async Task<Decision> DecideUpdateAsync(string service, ServiceRequest request, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail("");
        if (await engine.FindServiceAsync(service, cancellation).ConfigureAwait(false) is not { } inspected)
        {
            return trail.Refuse(ReasonCode.BadReference, Messages.NoSuchService(service));
        }

        // The swarm refuses an update for another version than the present one: what is looked at here is what will be changed.
        if (VersionOf(inspected) != request.Version)
        {
            return trail.Refuse(ReasonCode.HiddenOrAmbiguous, Messages.ServiceChanged(service));
        }

        var present = TrySpec(inspected, "Spec");
        if (request.Spec is not { } spec)
        {
            return TrySpec(inspected, "PreviousSpec") is { } previous
                ? await DecideSpecAsync(previous, false, policy, cancellation).ConfigureAwait(false)
                : trail.Refuse(ReasonCode.BadReference, Messages.NoPreviousService(service));
        }

        var unchanged = present?.ImageText == spec.ImageText;
        var decision = await DecideSpecAsync(spec, unchanged, policy, cancellation).ConfigureAwait(false);
        return decision.IsAllowed && spec.RollsBack
            ? await WithPresentAsync(service, present, decision, policy, cancellation).ConfigureAwait(false)
            : decision;
    }

    /// <summary>The present specification is tomorrow's previous one.</summary>
    private async Task<Decision> WithPresentAsync(
        string service, ServiceSpec? present, Decision decision, TrustPolicy policy, CancellationToken cancellation)
    {
        if (present is null)
        {
            return new Trail(decision.Image).Refuse(
                ReasonCode.BadReference, Messages.ServicePresentRefused(service, "it could not be read; set its update-failure-action to pause"));
        }

        var fallback = await DecideSpecAsync(present, true, policy, cancellation).ConfigureAwait(false);
        return fallback.IsAllowed
            ? decision.Beside(fallback)
            : fallback with { Message = Messages.ServicePresentRefused(service, fallback.Message) };
    }

    /// <param name="unchanged">The service has this image already.</param>
    private async Task<Decision> DecideSpecAsync(ServiceSpec spec, bool unchanged, TrustPolicy policy, CancellationToken cancellation)
    {
        var text = UntrustedText.Escape(spec.ImageText);
        var decision = await DecideImageAsync(spec, text, unchanged, policy, cancellation).ConfigureAwait(false);
        decision = await images.WithMountsAsync(decision, spec.ImageMounts, policy, cancellation).ConfigureAwait(false);
        return await hostAccess.CheckAsync(decision, text, spec.HostAccess, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<Decision> DecideImageAsync(
        ServiceSpec spec, string text, bool unchanged, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail(text);
        if (!ImageReference.TryParse(spec.ImageText, out var image, out var problem))
        {
            return trail.Refuse(ReasonCode.BadReference, $"{text} {problem}; correct the image name");
        }

        if (image is not NamedReference { Digest: not null } named)
        {
            return trail.Refuse(ReasonCode.BadReference, Messages.ServiceImageWithoutDigest(text));
        }

        var decision = await pulls.DecideAsync(named, policy, cancellation).ConfigureAwait(false);
        if (decision.IsTrusted)
        {
            Remember(named, decision);
            return decision;
        }

        return unchanged && _verified.TryGetValue(named.ToString(), out var once) && await HoldsAsync(named, once, policy).ConfigureAwait(false)
            ? once with { Checks = [.. decision.Checks, new Check("unchanged", CheckResult.Passed, "the service has this image, which was verified before")] }
            : await exceptions.ForPullAsync(decision, named, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> HoldsAsync(NamedReference image, Decision once, TrustPolicy policy) =>
        await standing.FindObjectionAsync(
            new Standing(image.Repository, once.Evidence, once.RootKeyIds, once.RootCertificateIds),
            policy,
            () => Task.FromResult<string?>(null)).ConfigureAwait(false) is null;

    private void Remember(NamedReference image, Decision decision)
    {
        if (_verified.Count < MaxVerified || _verified.ContainsKey(image.ToString()))
        {
            _verified[image.ToString()] = decision;
        }
    }

    private static ServiceSpec? TrySpec(JsonElement inspected, string member) =>
        inspected.TryMember(member, JsonValueKind.Object, out var found) && found is { } body && ServiceSpecs.TryRead(body, out var spec, out _)
            ? spec
            : null;

    private static string VersionOf(JsonElement inspected) =>
        inspected.TryMember("Version", JsonValueKind.Object, out var version)
        && version is { } present
        && present.TryMember("Index", JsonValueKind.Number, out var index)
            ? index?.GetRawText() ?? ""
            : "";
}
