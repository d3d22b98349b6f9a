using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides whether a container may be made from a reference, or run from an image id: the reference's signed digest
/// against what the engine holds.
/// </summary>
internal sealed class ImageDecider(
    TagDecider tags,
    ContentDecider contents,
    ConfigProof proof,
    EngineClient engine,
    VerifiedImages verified,
    LocalBuildDecider builds,
    ExceptionDecider exceptions)
{
    /// <summary>Most candidate repositories that are looked at for one image id.</summary>
    private const int MaxCandidates = 16;

    private readonly LocalDigests _local = new(verified);

    /// <summary>For create: the reference as the engine would resolve it now.</summary>
    public async Task<Decision> DecideReferenceAsync(
        string text, ImageReference image, TrustPolicy policy, CancellationToken cancellation)
    {
        if (image is ImageIdReference id)
        {
            return await DecideIdAsync(text, id.Id, [], policy, cancellation).ConfigureAwait(false);
        }

        var named = (NamedReference)image;
        var decision = await GuardAsync(
            new Trail(text), trail => DecideNamedAsync(text, named, policy, trail, cancellation)).ConfigureAwait(false);
        if (!decision.IsTrusted && named.MayBeShortId)
        {
            decision = await DecideShortIdAsync(text, decision, policy, cancellation).ConfigureAwait(false);
        }

        if (IsUnsignedName(decision, named, policy))
        {
            decision = await DecideBuildByNameAsync(text, named, decision, policy, cancellation).ConfigureAwait(false);
        }

        return decision.IsTrusted ? decision : await ExceptNameAsync(decision, text, named, policy, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// By the immutable image id: one candidate repository must sign the content. Candidates say only where to look, never prove; an
    /// exception for any content goes by those that are given.
    /// </summary>
    public async Task<Decision> DecideIdAsync(
        string text, Digest id, IReadOnlyList<string?> candidates, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await DecideIdWithoutExceptionAsync(text, id, candidates, policy, cancellation).ConfigureAwait(false);
        return await exceptions.ForIdAsync(decision, id, candidates, policy, cancellation).ConfigureAwait(false);
    }

    private async Task<Decision> ExceptNameAsync(
        Decision refused, string text, NamedReference named, TrustPolicy policy, CancellationToken cancellation)
    {
        if (policy.Exceptions.All.Count == 0)
        {
            return refused;
        }

        try
        {
            var twice = await ResolvesTagsTwiceAsync(cancellation).ConfigureAwait(false);
            return await exceptions.ForNameAsync(refused, text, named, twice, policy, cancellation).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // The first decision stands; it denies.
            return refused;
        }
    }

    /// <summary>Signed, or built here from what is.</summary>
    private async Task<Decision> DecideIdWithoutExceptionAsync(
        string text, Digest id, IReadOnlyList<string?> candidates, TrustPolicy policy, CancellationToken cancellation)
    {
        var decision = await DecideSignedIdAsync(text, id, candidates, policy, cancellation).ConfigureAwait(false);
        return decision.IsTrusted || await builds.DecideAsync(text, id, policy, cancellation).ConfigureAwait(false) is not { } built
            ? decision
            : built with { Checks = [.. decision.Checks, .. built.Checks] };
    }

    private Task<Decision> DecideSignedIdAsync(
        string text, Digest id, IReadOnlyList<string?> candidates, TrustPolicy policy, CancellationToken cancellation) =>
        GuardAsync(new Trail(text) { ImageId = id }, async trail =>
        {
            var image = await engine.FindImageAsync(id.ToString(), cancellation).ConfigureAwait(false);
            if (image is null)
            {
                trail.Failed("local-image", $"the engine has no image {id}");
                return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.NoSuchImageId(text));
            }

            if (image.Id != id)
            {
                throw new EngineException(EngineFault.Unclear, "the engine answered another image than was asked for");
            }

            return await DecideCandidatesAsync(text, image, Candidates(image, candidates), policy, trail, cancellation).ConfigureAwait(false);
        });

    /// <summary>
    /// A decision that allows, and the images that are mounted beside it. A tag could move and cannot be checked later, so mounts are named by
    /// digest or id (decisions.md, "Requests").
    /// </summary>
    public async Task<Decision> WithMountsAsync(
        Decision decision, IReadOnlyList<ImageReference> mounts, TrustPolicy policy, CancellationToken cancellation)
    {
        if (mounts.Count > 0 && decision.Reason == ReasonCode.LocalBuild)
        {
            return WithoutMounts(decision);
        }

        for (var i = 0; decision.IsAllowed && i < mounts.Count; i++)
        {
            var mount = mounts[i];
            var mounted = mount is NamedReference { Digest: null }
                ? new Trail(mount.ToString()).Refuse(ReasonCode.BadReference, Messages.MountByTag(mount.ToString()))
                : await DecideReferenceAsync(mount.ToString(), mount, policy, cancellation).ConfigureAwait(false);
            decision = mounted.Reason == ReasonCode.LocalBuild ? WithoutMounts(mounted)
                : mounted.IsAllowed ? decision.Beside(mounted)
                : mounted;
        }

        return decision;
    }

    /// <summary>
    /// No signature speaks for the name, so it may be that of an image built here. A name that is signed keeps meaning the signed content;
    /// where only content is signed and no name, the classic store shows nothing of what was built here.
    /// </summary>
    private bool IsUnsignedName(Decision decision, NamedReference named, TrustPolicy policy) =>
        decision.Reason is ReasonCode.NotPinned or ReasonCode.NotSigned or ReasonCode.NoTrustData or ReasonCode.NoLongerAccepted
        || (decision.Reason == ReasonCode.LocalImageUnknown && named.Digest is null && contents.SignsNoNames(named.Repository, policy));

    private Task<Decision> DecideBuildByNameAsync(
        string text, NamedReference named, Decision asSigned, TrustPolicy policy, CancellationToken cancellation) =>
        policy.LocalBuilds != PolicyAnswer.Allow
            ? Task.FromResult(asSigned)
            : GuardAsync(new Trail(text), async trail =>
            {
                var image = await engine.FindImageAsync(text, cancellation).ConfigureAwait(false);
                var built = image is null ? null : await builds.DecideAsync(text, image.Id, policy, cancellation).ConfigureAwait(false);
                if (built is null)
                {
                    return asSigned;
                }

                if (named.Digest is null && await ResolvesTagsTwiceAsync(cancellation).ConfigureAwait(false))
                {
                    trail.ImageId = image!.Id;
                    trail.Failed("tag", "this engine resolves a tag more than once while it makes a container");
                    return trail.Refuse(ReasonCode.TagUnsafeHere, Messages.LocalBuildByTag(text, image.Id));
                }

                return built with { Checks = [.. asSigned.Checks, .. built.Checks] };
            });

    // What is mounted is looked at only when a container is created, and a local build again at every start.
    private static Decision WithoutMounts(Decision decision) => decision with
    {
        Outcome = Outcome.Refused,
        Reason = ReasonCode.RefusedByPolicy,
        Message = Messages.LocalBuildAndMounts(decision.Image),
    };

    private async Task<Decision> DecideNamedAsync(
        string text, NamedReference named, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        if (contents.EntryOf(named.Repository, policy, trail) is { } entry)
        {
            return await contents.DecideNamedAsync(text, named, entry, policy, trail, cancellation).ConfigureAwait(false);
        }

        var refusal = await tags.ResolveAsync(named, policy, trail, cancellation).ConfigureAwait(false);
        if (refusal is not null)
        {
            return refusal;
        }

        if (named.Digest is null && await ResolvesTagsTwiceAsync(cancellation).ConfigureAwait(false))
        {
            trail.Failed("tag", "this engine resolves a tag more than once while it makes a container");
            return trail.Refuse(ReasonCode.TagUnsafeHere, Messages.TagUnsafeHere(text, named, trail.Signed!.Digest));
        }

        // The raw text: the engine resolves that, with its own fall-backs to id prefixes.
        var image = await engine.FindImageAsync(text, cancellation).ConfigureAwait(false);
        if (image is null)
        {
            trail.Passed("local-image", "the engine has none yet; it will answer 404 and the client pulls");
            return trail.Trust($"{text} is signed as {trail.Signed!.Digest}");
        }

        trail.ImageId = image.Id;
        if (_local.Of(image, named.Repository).Count == 0)
        {
            await proof.ShowsAsync(image, named.Repository, trail.Signed!.Digest, trail, cancellation).ConfigureAwait(false);
        }

        var pull = named.Digest is null ? named.WithTag(named.EffectiveTag) : named;
        return CompareLocal(text, image, named.Repository, pull, trail)
            ?? trail.Trust($"{text} is signed as {trail.Signed!.Digest} and the local image has that content");
    }

    /// <inheritdoc cref="EngineIdentity.ResolvesTagsTwice"/>
    private async Task<bool> ResolvesTagsTwiceAsync(CancellationToken cancellation) =>
        (await engine.IdentityAsync(cancellation).ConfigureAwait(false)).ResolvesTagsTwice;

    /// <summary>Null when a local digest is the signed one.</summary>
    private Decision? CompareLocal(string text, EngineImage image, RepositoryName repository, NamedReference pull, Trail trail)
    {
        var signed = trail.Signed!.Digest;
        var local = _local.Of(image, repository);
        if (local.Contains(signed))
        {
            trail.LocalDigest = signed;
            trail.Passed("local-digest", $"image {image.Id} has {signed}");
            verified.Remember(image, repository, signed);
            return null;
        }

        if (local.Count == 0)
        {
            trail.Failed("local-digest", $"nothing shows which content image {image.Id} has");
            return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.LocalUnknown(text, pull));
        }

        trail.LocalDigest = local[0];
        trail.Failed("local-digest", $"image {image.Id} has {string.Join(", ", local)}");
        return trail.Refuse(ReasonCode.LocalImageDiffers, Messages.LocalDiffers(text, signed, local[0], pull));
    }

    /// <summary>1–63 hex digits that are no trusted tag: perhaps the prefix of an image id (decisions.md, "References").</summary>
    private async Task<Decision> DecideShortIdAsync(string text, Decision asName, TrustPolicy policy, CancellationToken cancellation)
    {
        EngineImage? image;
        try
        {
            image = await engine.FindImageAsync(text, cancellation).ConfigureAwait(false);
        }
        catch (EngineException)
        {
            // The decision about the name stands; it denies.
            return asName;
        }

        if (image is null || !image.Id.Hex.StartsWith(text, StringComparison.Ordinal))
        {
            return asName;
        }

        var asId = await DecideIdWithoutExceptionAsync(text, image.Id, [], policy, cancellation).ConfigureAwait(false);
        var note = new Check("short-id", CheckResult.Passed, $"{text} is no trusted name; the engine takes it for image {image.Id}");
        var decision = asId with { Checks = [.. asName.Checks, note, .. asId.Checks] };
        return decision.IsTrusted ? await RefuseShortIdWhereUnsafeAsync(text, decision, cancellation).ConfigureAwait(false) : decision;
    }

    /// <summary>A tag of this spelling could be set between the engine's two looks, as a tag could move (see <see cref="ResolvesTagsTwiceAsync"/>).</summary>
    private Task<Decision> RefuseShortIdWhereUnsafeAsync(string text, Decision decision, CancellationToken cancellation) =>
        GuardAsync(new Trail(text) { ImageId = decision.ImageId }, async trail =>
        {
            if (!await ResolvesTagsTwiceAsync(cancellation).ConfigureAwait(false))
            {
                return decision;
            }

            trail.Failed("short-id", "this engine resolves what is no full id more than once while it makes a container");
            return trail.Refuse(ReasonCode.TagUnsafeHere, Messages.ShortIdUnsafeHere(text, decision.ImageId!));
        });

    private async Task<Decision> DecideCandidatesAsync(
        string text,
        EngineImage image,
        RepositoryName[] candidates,
        TrustPolicy policy,
        Trail trail,
        CancellationToken cancellation)
    {
        trail.Passed("candidates", candidates.Length == 0 ? "none" : string.Join(", ", candidates.Select(c => c.Name)));
        var pinned = candidates.Where(policy.Covers).Take(MaxCandidates).ToArray();
        Decision? undecided = null;
        Decision? refused = null;
        foreach (var repository in pinned)
        {
            var decision = await GuardAsync(
                new Trail(text) { ImageId = image.Id },
                t => DecideCandidateAsync(text, image, repository, policy, t, cancellation)).ConfigureAwait(false);
            if (decision.IsTrusted)
            {
                return decision with { Checks = [.. trail.End(Outcome.Trusted, ReasonCode.Signed, "").Checks, .. decision.Checks] };
            }

            trail.Include(decision);
            _ = decision.Outcome == Outcome.Undecided ? undecided ??= decision : refused ??= decision;
        }

        var checks = trail.End(Outcome.Refused, ReasonCode.LocalImageUnknown, "").Checks;
        return (undecided ?? (pinned.Length == 1 ? refused : null)) is { } reason
            ? reason with { Checks = checks }
            : trail.Refuse(ReasonCode.LocalImageUnknown, Messages.IdUnknown(text));
    }

    private async Task<Decision> DecideCandidateAsync(
        string text, EngineImage image, RepositoryName repository, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        if (contents.EntryOf(repository, policy, trail) is { } entry)
        {
            return await contents.DecideCandidateAsync(text, image, repository, entry, policy, trail, cancellation).ConfigureAwait(false);
        }

        trail.Repository = repository;
        var data = await tags.DataAsync(repository, policy, trail, cancellation).ConfigureAwait(false);
        if (data is null)
        {
            return trail.Refuse(ReasonCode.NotPinned, Messages.NotPinned(repository));
        }

        var local = await ShownAsync(image, repository, data, trail, cancellation).ConfigureAwait(false);
        foreach (var digest in local)
        {
            if (data.Tags.FindDigest(digest) is [var signed, ..])
            {
                trail.Signed = signed;
                trail.LocalDigest = digest;
                trail.Passed("local-digest", $"image {image.Id} has {digest}, signed as {repository}:{signed.Tag} in {signed.Role}");
                verified.Remember(image, repository, digest);
                return trail.Trust($"{text} has the content signed as {repository}:{signed.Tag}");
            }
        }

        trail.LocalDigest = local.Count > 0 ? local[0] : null;
        trail.Failed("local-digest", local.Count == 0
            ? $"nothing shows which content of {repository} image {image.Id} has"
            : $"no present tag of {repository} is signed as {string.Join(", ", local)}");
        return local.Count == 0
            ? trail.Refuse(ReasonCode.LocalImageUnknown, Messages.IdUnknown(text))
            : trail.Refuse(ReasonCode.NotSigned, Messages.DigestNotSigned(repository, local[0]));
    }

    /// <summary>What the engine shows, or else what the signed manifest of one of the image's own tags shows.</summary>
    private async Task<IReadOnlyList<Digest>> ShownAsync(
        EngineImage image, RepositoryName repository, SignedRepository data, Trail trail, CancellationToken cancellation)
    {
        var local = _local.Of(image, repository);
        if (local.Count > 0)
        {
            return local;
        }

        foreach (var signed in ConfigProof.TagsOf(image, repository).Select(data.Tags.FindTag).OfType<SignedTag>())
        {
            if (await proof.ShowsAsync(image, repository, signed.Digest, trail, cancellation).ConfigureAwait(false))
            {
                break;
            }
        }

        return _local.Of(image, repository);
    }

    /// <summary>Where to look, nearest first: what the caller knows, our own memory, then the image's names in ordinal order.</summary>
    private RepositoryName[] Candidates(EngineImage image, IEnumerable<string?> given)
    {
        var names = image.RepoTags.Concat(image.RepoDigests).Order(StringComparer.Ordinal);
        var parsed = given.Concat(names)
            .Select(text => ImageReferenceParser.TryParseNamed(text, out var named, out _) ? named.Repository : null)
            .OfType<RepositoryName>();
        return [.. parsed.Concat(verified.RepositoriesOf(image.Id)).Distinct()];
    }

    private static async Task<Decision> GuardAsync(Trail trail, Func<Trail, Task<Decision>> decide)
    {
        try
        {
            return await decide(trail).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }
    }
}
