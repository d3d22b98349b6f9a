using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides images of repositories that <c>signature-policies</c> has an entry for. cosign signs content and not what a tag means: a pull
/// is decided by what the registry has for the tag now, a create or start by what the engine holds.
/// </summary>
internal sealed class ContentDecider(
    EvidenceDecider evidence, ConfigProof proof, ISignatureSource signatures, EngineClient engine, VerifiedImages verified)
{
    /// <summary>Most digests of one local image that are tried.</summary>
    private const int MaxLocalDigests = 16;

    private readonly LocalDigests _local = new(verified);

    /// <summary>The entry that decides about the repository here; null when Notary v1 decides alone.</summary>
    public SignaturePolicy? EntryOf(RepositoryName repository, TrustPolicy policy, Trail trail) => evidence.EntryOf(repository, policy, trail);

    /// <summary>Whether only evidence about content counts for the repository, so that no name of it is signed.</summary>
    public bool SignsNoNames(RepositoryName repository, TrustPolicy policy) => evidence.SignsNoNames(repository, policy);

    /// <summary>For a pull: what the registry has now must be signed.</summary>
    public async Task<Decision> DecidePullAsync(
        NamedReference image, SignaturePolicy entry, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        Begin(image, trail);
        var digest = image.Digest;
        if (digest is null)
        {
            (digest, var refusal) = await ServedAsync(image.Repository, image.EffectiveTag, trail, cancellation).ConfigureAwait(false);
            if (digest is null)
            {
                return refusal!;
            }
        }

        var content = new SignedContent(image, digest, signed => (ReasonCode.TagMoved, Messages.TagMoved(image, signed, digest)));
        return await evidence.ProveAsync(content, entry, policy, trail, cancellation).ConfigureAwait(false)
            ?? trail.Trust($"{image} is signed as {digest} ({Kinds(trail)})");
    }

    /// <summary>For a create by name.</summary>
    /// <param name="text">As the engine resolves it, with its own fall-backs to id prefixes.</param>
    public async Task<Decision> DecideNamedAsync(
        string text, NamedReference named, SignaturePolicy entry, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        Begin(named, trail);
        var image = await engine.FindImageAsync(text, cancellation).ConfigureAwait(false);
        if (image is null)
        {
            trail.Passed("local-image", "the engine has none yet; it will answer 404 and the client pulls");
            var pull = await DecidePullAsync(named, entry, policy, trail, cancellation).ConfigureAwait(false);
            return await AgainstSecondLookAsync(text, named, pull, trail, cancellation).ConfigureAwait(false);
        }

        trail.ImageId = image.Id;
        var again = named.Digest is null ? named.WithTag(named.EffectiveTag) : named;
        var local = await ShownAsync(image, named.Repository, named.Digest, [named.EffectiveTag], trail, cancellation).ConfigureAwait(false);
        if (local.Count == 0)
        {
            trail.Failed("local-digest", $"nothing shows which content image {image.Id} has");
            return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.LocalUnknown(text, again));
        }

        if (named.Digest is { } wanted && !local.Contains(wanted))
        {
            trail.LocalDigest = local[0];
            trail.Failed("local-digest", $"image {image.Id} has {string.Join(", ", local)}");
            return trail.Refuse(ReasonCode.LocalImageDiffers, Messages.LocalIsNot(text, wanted, local[0], again));
        }

        var decision = await DecideLocalAsync(
            text, image, named, named.Digest is { } one ? [one] : local, entry, policy, trail, cancellation).ConfigureAwait(false);
        return await AgainstSecondLookAsync(text, named, decision, trail, cancellation).ConfigureAwait(false);
    }

    /// <summary>For an image id: one of the digests that its content has in the repository must be signed.</summary>
    public async Task<Decision> DecideCandidateAsync(
        string text, EngineImage image, RepositoryName repository, SignaturePolicy entry, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        trail.Repository = repository;
        var local = await ShownAsync(image, repository, null, ConfigProof.TagsOf(image, repository), trail, cancellation).ConfigureAwait(false);
        if (local.Count > 0)
        {
            return await DecideLocalAsync(text, image, null, local, entry, policy, trail, cancellation).ConfigureAwait(false);
        }

        trail.Failed("local-digest", $"nothing shows which content of {repository} image {image.Id} has");
        return trail.Refuse(ReasonCode.LocalImageUnknown, Messages.IdUnknown(text));
    }

    private static void Begin(NamedReference image, Trail trail)
    {
        trail.Repository = image.Repository;
        trail.Tag = image.Digest is null ? image.EffectiveTag : image.Tag;
    }

    /// <summary>What the engine shows, or else what the manifest shows that was named, or that the registry has for a tag now.</summary>
    private async Task<IReadOnlyList<Digest>> ShownAsync(
        EngineImage image, RepositoryName repository, Digest? wanted, IEnumerable<string> tags, Trail trail, CancellationToken cancellation)
    {
        var local = _local.Of(image, repository);
        if (local.Count > 0 || image.Store != ImageStoreKind.Classic)
        {
            return local;
        }

        if (wanted is not null)
        {
            await proof.ShowsAsync(image, repository, wanted, trail, cancellation).ConfigureAwait(false);
            return _local.Of(image, repository);
        }

        foreach (var tag in tags)
        {
            if (await proof.ShowsAsync(image, repository, tag, trail, cancellation).ConfigureAwait(false))
            {
                break;
            }
        }

        return _local.Of(image, repository);
    }

    /// <param name="named">Null: only the digest is known, not the name that was meant.</param>
    private async Task<Decision> DecideLocalAsync(
        string text,
        EngineImage image,
        NamedReference? named,
        IReadOnlyList<Digest> local,
        SignaturePolicy entry,
        TrustPolicy policy,
        Trail trail,
        CancellationToken cancellation)
    {
        Decision? undecided = null;
        Decision? refused = null;
        var repository = trail.Repository!;
        foreach (var digest in local.Take(MaxLocalDigests))
        {
            var content = new SignedContent(
                named ?? WithDigest(repository, digest), digest,
                signed => (ReasonCode.LocalImageDiffers, Messages.LocalDiffers(text, signed, digest, named!)));
            trail.LocalDigest = digest;
            trail.Passed("local-digest", $"image {image.Id} has {digest} in {repository}");
            var refusal = await evidence.ProveAsync(content, entry, policy, trail, cancellation).ConfigureAwait(false);
            if (refusal is null)
            {
                verified.Remember(image, repository, digest);
                return trail.Trust($"{text} has the content {repository}@{digest}, which is signed ({Kinds(trail)})");
            }

            _ = refusal.Outcome == Outcome.Undecided ? undecided ??= refusal : refused ??= refusal;
        }

        var reason = undecided ?? refused!;
        return trail.End(reason.Outcome, reason.Reason, reason.Message) with { DecidedBy = reason.DecidedBy };
    }

    private async Task<(Digest? Digest, Decision? Refusal)> ServedAsync(
        RepositoryName repository, string tag, Trail trail, CancellationToken cancellation)
    {
        try
        {
            var served = await signatures.ResolveTagAsync(repository, tag, cancellation).ConfigureAwait(false);
            if (served is not null)
            {
                trail.LocalDigest = served;
                trail.Passed("registry", $"the registry serves {served}");
                return (served, null);
            }

            trail.Failed("registry", $"the registry has no {repository}:{tag}");
            return (null, trail.Refuse(ReasonCode.NotInRegistry, Messages.NoSuchTag(repository, tag)));
        }
        catch (TransportException e)
        {
            return (null, Failures.OfRegistry(e, trail));
        }
        catch (RepositoryException e)
        {
            trail.Failed("registry", UntrustedText.Escape(e.Message));
            return (null, trail.Refuse(ReasonCode.Malformed, Messages.BadManifest(repository, tag, UntrustedText.Escape(e.Message))));
        }
    }

    private async Task<Decision> AgainstSecondLookAsync(
        string text, NamedReference named, Decision decision, Trail trail, CancellationToken cancellation)
    {
        if (!decision.IsTrusted || named.Digest is not null
            || !(await engine.IdentityAsync(cancellation).ConfigureAwait(false)).ResolvesTagsTwice)
        {
            return decision;
        }

        trail.Failed("tag", "this engine resolves a tag more than once while it makes a container");
        return trail.Refuse(ReasonCode.TagUnsafeHere, Messages.TagUnsafeHere(text, named, decision.SignedDigest!));
    }

    private static NamedReference WithDigest(RepositoryName repository, Digest digest) =>
        ImageReferenceParser.TryParseNamed($"{repository}@{digest}", out var reference, out _)
            ? reference
            : throw new InvalidOperationException("a repository and a digest are a reference");

    private static string Kinds(Trail trail) => string.Join(", ", trail.Evidence.Select(e => e.Kind));
}
