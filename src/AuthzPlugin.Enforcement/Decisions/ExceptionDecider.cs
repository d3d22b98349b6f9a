using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Turns a decision that refuses an image's content, or could not be had about it, into one that an exception of the policy allows
/// (decisions.md, "Exceptions"). A digest is compared with what the engine really holds, never with a name; whether the exception is in
/// force is judged at this moment. What is refused for another reason than content stays refused.
/// </summary>
internal sealed class ExceptionDecider(EngineClient engine, LocalDigests local, RegistryAuthSource registryAuth, TimeProvider time)
{
    /// <summary>A container is about to be made from a name; the raw text is what the engine resolves.</summary>
    /// <param name="resolvesTwice">The engine resolves a name once more after the image id is fixed.</param>
    public Task<Decision> ForNameAsync(
        Decision refused, string text, NamedReference named, bool resolvesTwice, TrustPolicy policy, CancellationToken cancellation) =>
        GuardAsync(refused, policy, async now =>
        {
            var image = await engine.FindImageAsync(text, cancellation).ConfigureAwait(false);
            if (image is null)
            {
                // The engine answers 404 and the client pulls: what it will get is known only for a digest.
                return named.Digest is { } asked && policy.Exceptions.Find(asked, now) is { } pulled ? Except(refused, pulled, $"{asked} is asked for")
                    : ByPattern(refused, named.Repository, policy, now);
            }

            var isFixed = !resolvesTwice || named.Digest == image.Id;
            return (isFixed ? ByContent(refused, image, policy, now) : null)
                ?? (IsShortId(text, image.Id) ? null : ByPattern(refused, named.Repository, policy, now));
        });

    /// <summary>By the immutable image id.</summary>
    /// <param name="names">What the container was made from, and other names for which it counts; any of them can be no name.</param>
    public Task<Decision> ForIdAsync(
        Decision refused, Digest id, IEnumerable<string?> names, TrustPolicy policy, CancellationToken cancellation) =>
        GuardAsync(refused, policy, async now =>
        {
            var image = await engine.FindImageAsync(id.ToString(), cancellation).ConfigureAwait(false);
            if (image?.Id != id)
            {
                return null;
            }

            return ByContent(refused, image, policy, now)
                ?? names.Select(name => NamedBy(name, id) is { } repository ? ByPattern(refused, repository, policy, now) : null)
                    .FirstOrDefault(d => d is not null);
        });

    /// <summary>
    /// A digest that is pulled (or that workers will pull) is the content. For a tag the registry must serve an excepted digest now; as for
    /// signed ones that only spares a useless pull, and the guarantee is at create and start.
    /// </summary>
    public Task<Decision> ForPullAsync(Decision refused, NamedReference named, TrustPolicy policy, CancellationToken cancellation) =>
        GuardAsync(refused, policy, async now =>
        {
            if (ByPattern(refused, named.Repository, policy, now) is { } covered)
            {
                return covered;
            }

            if (named.Digest is { } asked)
            {
                return policy.Exceptions.Find(asked, now) is { } exact ? Except(refused, exact, $"{asked} is asked for") : null;
            }

            if (!policy.Exceptions.HasDigests(now))
            {
                return null;
            }

            var auth = await registryAuth.FindAsync(named.Repository.Domain, cancellation).ConfigureAwait(false);
            var served = await engine.RegistryDigestAsync(named.WithTag(named.EffectiveTag), auth, cancellation).ConfigureAwait(false);
            return served is not null && policy.Exceptions.Find(served, now) is { } found
                ? Except(refused, found, $"the registry serves {served}")
                : null;
        });

    /// <summary>
    /// Whether a container is what the exception of a decision is for: the content for a digest, the name for a pattern. The engine has made
    /// it meanwhile.
    /// </summary>
    public bool Covers(Decision decision, EngineContainer container, EngineImage? image) => decision.Exception switch
    {
        { Digest: { } digest } => image is not null && image.Id == container.ImageId && local.OfAny(image).Contains(digest),
        { Image: { } pattern } => container.ImageId is { } id
            && NamedBy(container.ConfiguredImage, id) is { } repository && new RepositoryList([pattern]).Covers(repository),
        _ => false,
    };

    /// <summary>
    /// Reasons that are about the content of an image. Everything else is about the request, the host, the policy or the engine's own
    /// answers, and an exception says nothing about those. A new reason is not excepted until it stands here.
    /// </summary>
    public static bool IsAboutContent(ReasonCode reason) => reason is
        ReasonCode.NotPinned or ReasonCode.NoLongerAccepted or ReasonCode.NotSigned or ReasonCode.NoTrustData or ReasonCode.DigestMismatch
        or ReasonCode.WrongRootKey or ReasonCode.RootCertificate or ReasonCode.RootRotation or ReasonCode.Expired
        or ReasonCode.RolledBack or ReasonCode.BadSignature or ReasonCode.Inconsistent or ReasonCode.Malformed
        or ReasonCode.LocalImageDiffers or ReasonCode.LocalImageUnknown or ReasonCode.TagUnsafeHere or ReasonCode.TagMoved
        or ReasonCode.TrustServerUnreachable or ReasonCode.LoginNeeded or ReasonCode.RegistryUnreachable or ReasonCode.TimedOut;

    private async Task<Decision> GuardAsync(Decision refused, TrustPolicy policy, Func<DateTimeOffset, Task<Decision?>> find)
    {
        if (refused.IsAllowed || policy.Exceptions.All.Count == 0 || !IsAboutContent(refused.Reason))
        {
            return refused;
        }

        try
        {
            return await find(time.GetUtcNow()).ConfigureAwait(false) ?? refused;
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            // The first decision stands; it denies.
            var failed = Failures.ToDecision(e, new Trail(refused.Image));
            return refused with { Checks = [.. refused.Checks, new Check("exception", CheckResult.Unknown, failed.Message)] };
        }
    }

    private Decision? ByContent(Decision refused, EngineImage image, TrustPolicy policy, DateTimeOffset now)
    {
        foreach (var digest in local.OfAny(image))
        {
            if (policy.Exceptions.Find(digest, now) is { } found)
            {
                return Except(refused, found, $"image {image.Id} has {digest}") with { ImageId = image.Id, LocalDigest = digest };
            }
        }

        return null;
    }

    private static Decision? ByPattern(Decision refused, RepositoryName repository, TrustPolicy policy, DateTimeOffset now) =>
        policy.Exceptions.Find(repository, now) is { } found ? Except(refused, found, $"it is named {repository}") : null;

    private static Decision Except(Decision refused, ExceptionRule exception, string match) => refused with
    {
        Outcome = Outcome.Excepted,
        Reason = ReasonCode.Excepted,
        Message = Messages.Excepted(refused.Image, exception),
        Exception = exception,
        ExceptedReason = refused.Reason,
        Checks =
        [
            .. refused.Checks,
            new Check("refusal", refused.Outcome == Outcome.Undecided ? CheckResult.Unknown : CheckResult.Failed, $"{refused.Reason.ToText()}: {refused.Message}"),
            new Check("exception", CheckResult.Passed, $"{exception.Subject} until {exception.End}, because {exception.Reason} ({match})"),
        ],
    };

    /// <summary>The repository that a text names, unless the engine took it for the beginning of that image id.</summary>
    private static RepositoryName? NamedBy(string? text, Digest id) =>
        ImageReferenceParser.TryParseNamed(text, out var named, out _) && !IsShortId(text!, id) ? named.Repository : null;

    /// <summary>The engine takes <c>abc</c> and <c>sha256:abc</c> for the beginning of an id when no image has that name.</summary>
    private static bool IsShortId(string text, Digest id) =>
        id.Hex.StartsWith(text.StartsWith("sha256:", StringComparison.Ordinal) ? text["sha256:".Length..] : text, StringComparison.Ordinal);
}
