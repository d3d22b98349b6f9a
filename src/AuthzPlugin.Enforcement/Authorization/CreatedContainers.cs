using System.Text.Json;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>
/// After a create: the image id that the engine reports must have the digest that was decided. Only then an approval is written;
/// otherwise the container is removed. The name is never resolved again here (decisions.md, "Requests").
/// </summary>
internal sealed class CreatedContainers(
    EngineClient engine,
    ImageDecider images,
    ExceptionDecider exceptions,
    VerifiedImages verified,
    ApprovalStore approvals,
    TimeProvider time,
    ILogger logger)
{
    private readonly LocalDigests _local = new(verified);

    public async Task<ResponseFinding> ExamineAsync(
        EngineResult result, IReadOnlyList<PendingRequest> waiting, TrustPolicy policy, CancellationToken cancellation)
    {
        var container = await engine.FindContainerAsync(CreatedId(result), cancellation).ConfigureAwait(false);
        if (container is null)
        {
            // Removed already (--rm, or by somebody): nothing is left that could start.
            return new ResponseFinding(null, null);
        }

        if (container.ImageId is null)
        {
            throw new EngineException(EngineFault.Unclear, "the created container has no image");
        }

        var decided = waiting.Where(w => w.Decision is not null).ToArray();
        var match = await MatchAsync(container, decided, cancellation).ConfigureAwait(false);
        if (match is not null && IsLocalBuild(match.Decision!))
        {
            // No approval: what it was built from is looked at again at every start.
            var check = new Check("created", CheckResult.Passed, $"container {container.Id} was made from image {container.ImageId}, which was built here");
            return new ResponseFinding(
                match.Decision! with { ContainerId = container.Id, ImageId = container.ImageId, Checks = [check] }, match);
        }

        if (match is not null && policy.BreakGlass)
        {
            // Decided well, but not by the policy that asks for it.
            return new ResponseFinding(null, match);
        }

        if (match?.Decision is { Outcome: Outcome.Excepted } excepted)
        {
            return Excepted(container, excepted, match);
        }

        if (match is not null)
        {
            return await ApproveAsync(container, match.Decision!, match, cancellation).ConfigureAwait(false);
        }

        return decided.Length == 0
            ? await WithoutRequestAsync(container, policy, cancellation).ConfigureAwait(false)
            : await SwappedAsync(container, decided, policy, cancellation).ConfigureAwait(false);
    }

    private static bool IsLocalBuild(Decision decision) => decision is { IsTrusted: true, Reason: ReasonCode.LocalBuild };

    private static string CreatedId(EngineResult result)
    {
        try
        {
            var id = JsonSerializer.Deserialize(result.Body.Span, EngineJson.Default.ContainerCreated)?.Id;
            return Digest.IsLowerHex(id, Digest.HexLength)
                ? id
                : throw new EngineException(EngineFault.Unclear, "the engine's reply to create has no container id");
        }
        catch (JsonException e)
        {
            throw new EngineException(EngineFault.Unclear, "the engine's reply to create is not JSON", e);
        }
    }

    private async Task<PendingRequest?> MatchAsync(EngineContainer container, PendingRequest[] decided, CancellationToken cancellation)
    {
        if (decided.Length == 0)
        {
            return null;
        }

        var image = await engine.FindImageAsync(container.ImageId!.ToString(), cancellation).ConfigureAwait(false);
        return decided.FirstOrDefault(w => image is not null && IsDecided(image, w.Decision!))
            ?? decided.FirstOrDefault(w => w.Decision!.Outcome == Outcome.Excepted && exceptions.Covers(w.Decision, container, image));
    }

    private bool IsDecided(EngineImage image, Decision decision) =>
        IsLocalBuild(decision) ? decision.ImageId == image.Id
        : decision is { IsTrusted: true, SignedDigest: not null, Repository: not null }
        && ImageReferenceParser.TryParseNamed(decision.Repository, out var named, out _)
        && _local.Of(image, named.Repository).Contains(decision.SignedDigest);

    private async Task<ResponseFinding> ApproveAsync(
        EngineContainer container, Decision decision, PendingRequest match, CancellationToken cancellation)
    {
        var identity = await engine.IdentityAsync(cancellation).ConfigureAwait(false);
        var approval = new Approval
        {
            ContainerId = container.Id,
            ImageId = container.ImageId!.ToString(),
            SignedDigest = decision.SignedDigest!.ToString(),
            Repository = decision.Repository!,
            Tag = decision.Tag ?? "",
            Role = decision.Role ?? "",
            Evidence = decision.Evidence.Count == 0 ? null : decision.Evidence,
            SignerKeyIds = decision.SignerKeyIds,
            RootKeyIds = decision.RootKeyIds,
            RootCertificateIds = decision.RootCertificateIds,
            ImageMounts = match.MountImages,
            EngineId = identity.EngineId,
            ApprovedAt = time.GetUtcNow(),
        };
        try
        {
            approvals.Add(approval);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.ApprovalNotWritten(logger, container.Id, e.Message);
        }

        var check = new Check("created", CheckResult.Passed, $"container {container.Id} was made from image {container.ImageId}, approved");
        return new ResponseFinding(
            decision with { ContainerId = container.Id, ImageId = container.ImageId, Checks = [check] }, match);
    }

    /// <summary>Not an approval, and nothing is remembered: the start is decided under the exceptions that are in force then.</summary>
    private static ResponseFinding Excepted(EngineContainer container, Decision decision, PendingRequest match)
    {
        var check = new Check("created", CheckResult.Passed, $"container {container.Id} was made from image {container.ImageId}, not approved");
        return new ResponseFinding(
            decision with { ContainerId = container.Id, ImageId = container.ImageId, Checks = [.. decision.Checks, check] }, match);
    }

    /// <summary>This process is younger than the request: the content decides, as it would at start.</summary>
    private async Task<ResponseFinding> WithoutRequestAsync(EngineContainer container, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await images.DecideIdAsync(
            container.ImageId!.ToString(), container.ImageId, [container.ConfiguredImage], policy, cancellation).ConfigureAwait(false);
        return new ResponseFinding(decision with { ContainerId = container.Id }, null);
    }

    private async Task<ResponseFinding> SwappedAsync(
        EngineContainer container, PendingRequest[] decided, TrustPolicy policy, CancellationToken cancellation)
    {
        var expected = decided.FirstOrDefault(w => w.Decision!.IsAllowed);
        if (expected is null)
        {
            // Permissive: the request was recorded as would-deny already.
            return new ResponseFinding(null, decided[0]);
        }

        var trail = new Trail(expected.Decision!.Image) { ContainerId = container.Id, ImageId = container.ImageId };
        trail.Failed("created", $"container {container.Id} was made from image {container.ImageId}");
        var decision = trail.Refuse(ReasonCode.Swapped, Messages.Swapped(trail.Image, expected.Decision.Exception?.Subject ?? $"{expected.Decision.SignedDigest}")) with
        {
            Repository = expected.Decision.Repository,
            Tag = expected.Decision.Tag,
            SignedDigest = expected.Decision.SignedDigest,
        };
        if (policy.Mode == EnforcementMode.Enforced)
        {
            await engine.RemoveContainerAsync(container.Id, cancellation).ConfigureAwait(false);
            Log.Swapped(logger, container.Id);
        }

        return new ResponseFinding(decision, expected);
    }
}
