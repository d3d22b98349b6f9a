using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Decides what a build may begin from: the reference's signed digest, which whoever forwards the build puts in its place. Says nothing
/// about what the engine or the registry holds, since the digest does. Where <c>signature-policies</c> decides, a tag means what the
/// registry has for it at this moment, and that digest must be signed.
/// </summary>
public sealed class BaseImages
{
    private readonly TagDecider _tags;
    private readonly ContentDecider _contents;
    private readonly DecisionSlots _slots;

    internal BaseImages(TagDecider tags, ContentDecider contents, DecisionSlots slots)
    {
        _tags = tags;
        _contents = contents;
        _slots = slots;
    }

    /// <summary>Trusted with <see cref="Decision.SignedDigest"/> and <see cref="Decision.Repository"/>, or why not. An image id is refused: no builder takes one from elsewhere.</summary>
    /// <param name="text">As the build names it.</param>
    public async Task<Decision> DecideAsync(string text, TrustPolicy policy, CancellationToken cancellation)
    {
        var trail = new Trail(UntrustedText.Escape(text));
        if (!ImageReferenceParser.TryParseNamed(text, out var image, out var problem))
        {
            trail.Failed("reference", problem ?? "not an image name");
            return trail.Refuse(ReasonCode.BadReference, $"{UntrustedText.Escape(text)} {problem}; correct the image name");
        }

        try
        {
            return await _slots.RunAsync(() => DecideAsync(image, policy, trail, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            return Failures.ToDecision(e, trail);
        }
    }

    private async Task<Decision> DecideAsync(NamedReference image, TrustPolicy policy, Trail trail, CancellationToken cancellation) =>
        _contents.EntryOf(image.Repository, policy, trail) is { } entry
            ? await _contents.DecidePullAsync(image, entry, policy, trail, cancellation).ConfigureAwait(false)
            : await _tags.ResolveAsync(image, policy, trail, cancellation).ConfigureAwait(false)
                ?? trail.Trust($"{trail.Image} is signed as {trail.Signed!.Digest}");
}
