using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.LocalBuilds;

/// <summary>
/// Decides an image that the gate saw built: every image behind it must be signed under the policy in force now, by its digest. It proves
/// where the image comes from, not what the build's own files and steps put into it.
/// </summary>
internal sealed class LocalBuildDecider(LocalBuildStore builds, TagDecider tags, ContentDecider contents, EngineClient engine)
{
    /// <summary>Null when the policy does not allow such images, or the gate did not see this one built.</summary>
    /// <param name="text">The image as the request has it.</param>
    public async Task<Decision?> DecideAsync(string text, Digest imageId, TrustPolicy policy, CancellationToken cancellation)
    {
        if (policy.LocalBuilds != PolicyAnswer.Allow || builds.Find(imageId) is not { } build)
        {
            return null;
        }

        var trail = new Trail(text) { ImageId = imageId };
        try
        {
            return await DecideAsync(build, policy, trail, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }
    }

    private async Task<Decision> DecideAsync(LocalBuild build, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        var identity = await engine.IdentityAsync(cancellation).ConfigureAwait(false);
        if (identity.EngineId != build.EngineId)
        {
            trail.Failed("local-build", "another engine built it");
            return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.IdUnknown(trail.Image));
        }

        trail.Passed("local-build", $"image {trail.ImageId} was built here {build.BuiltAt:O} for user id {build.Uid}, from {string.Join(", ", build.Bases)}");
        var kinds = new HashSet<EvidenceKind>();
        foreach (var one in build.Bases)
        {
            if (!ImageReferenceParser.TryParseNamed($"{one.Repository}@{one.SignedDigest}", out var named, out _))
            {
                trail.Failed("local-build", "its record is damaged");
                return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.IdUnknown(trail.Image));
            }

            var own = new Trail(trail.Image) { ImageId = trail.ImageId };
            var decision = await DecideBaseAsync(named, policy, own, cancellation).ConfigureAwait(false);
            if (!decision.IsTrusted)
            {
                return decision with
                {
                    Message = decision.Outcome == Outcome.Undecided
                        ? decision.Message
                        : Messages.LocalBuildRefused(trail.Image, one.ToString(), decision.Message),
                    Checks = [.. trail.End(Outcome.Refused, decision.Reason, "").Checks, .. decision.Checks],
                    Repository = null,
                    Tag = null,
                };
            }

            trail.Include(decision);
            kinds.UnionWith(decision.DecidedBy);
        }

        return trail.Trust(ReasonCode.LocalBuild, Messages.LocalBuild(trail.Image)) with
        {
            DecidedBy = [.. kinds.Order()],
            Bases = [.. build.Bases.Select(b => b.ToString())],
            RootKeyIds = [.. build.Bases.SelectMany(b => b.RootKeyIds).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>By its digest, and by whatever evidence the policy asks for now.</summary>
    private async Task<Decision> DecideBaseAsync(NamedReference named, TrustPolicy policy, Trail trail, CancellationToken cancellation) =>
        contents.EntryOf(named.Repository, policy, trail) is { } entry
            ? await contents.DecidePullAsync(named, entry, policy, trail, cancellation).ConfigureAwait(false)
            : await tags.ResolveAsync(named, policy, trail, cancellation).ConfigureAwait(false) ?? trail.Trust("");
}
