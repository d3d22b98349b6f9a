using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Decisions;

/// <summary>
/// Turns a name into the signed digest (decisions.md, "References"): the pin first (before any network), then the trust data,
/// then the tag, the digest, or both. Says nothing about what the engine holds.
/// </summary>
internal sealed class TagDecider(ITrustData trust)
{
    /// <summary>Returns null when the reference is signed (then <see cref="Trail.Signed"/> is set), otherwise the refusal.</summary>
    /// <exception cref="Trust.Errors.TrustException">Mapped by <see cref="Failures"/>.</exception>
    public async Task<Decision?> ResolveAsync(NamedReference image, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        trail.Repository = image.Repository;
        trail.Tag = image.Digest is null ? image.EffectiveTag : image.Tag;
        var data = await DataAsync(image.Repository, policy, trail, cancellation).ConfigureAwait(false);
        if (data is null)
        {
            return trail.Refuse(ReasonCode.NotPinned, Messages.NotPinned(image.Repository));
        }

        return image switch
        {
            { Digest: null } => ByTag(image, data, trail),
            { Tag: null } => ByDigest(image, data, trail),
            _ => ByTagAndDigest(image, data, trail),
        };
    }

    /// <summary>The repository's data when a pin covers it, or null.</summary>
    public async Task<SignedRepository?> DataAsync(
        RepositoryName repository, TrustPolicy policy, Trail trail, CancellationToken cancellation)
    {
        var pin = policy.Pins.Match(repository);
        if (pin is null)
        {
            trail.Failed("pin", $"no pin covers {repository}");
            return null;
        }

        trail.Ask(EvidenceKind.NotaryV1);
        trail.Passed("pin", $"{pin.Pattern} ({(pin.Kind == Trust.Pinning.PinKind.CertIds ? "cert-ids" : "root-keys")})");
        var data = await trust.GetAsync(repository, policy, cancellation).ConfigureAwait(false);
        trail.Use(data);
        return data;
    }

    private static Decision? ByTag(NamedReference image, SignedRepository data, Trail trail)
    {
        var signed = data.Tags.FindTag(image.EffectiveTag);
        if (signed is null)
        {
            trail.Failed("tag", $"no tag {image.EffectiveTag} in targets/releases or targets");
            return trail.Refuse(ReasonCode.NotSigned, Messages.TagNotSigned(image, data.Tags.TagRoles(image.EffectiveTag)));
        }

        Found(signed, trail);
        return null;
    }

    /// <summary>Reverse look-up: some present tag is signed with this digest.</summary>
    private static Decision? ByDigest(NamedReference image, SignedRepository data, Trail trail)
    {
        var signed = data.Tags.FindDigest(image.Digest!);
        if (signed.Count == 0)
        {
            trail.Failed("digest", $"no present tag is signed as {image.Digest}");
            return trail.Refuse(ReasonCode.NotSigned, Messages.DigestNotSigned(image.Repository, image.Digest!));
        }

        Found(signed[0], trail);
        return null;
    }

    private static Decision? ByTagAndDigest(NamedReference image, SignedRepository data, Trail trail)
    {
        var refusal = ByTag(image, data, trail);
        if (refusal is not null || trail.Signed!.Digest == image.Digest)
        {
            return refusal;
        }

        trail.Failed("digest", $"the reference has {image.Digest}");
        return trail.Refuse(ReasonCode.DigestMismatch, Messages.DigestMismatch(image, trail.Signed.Digest));
    }

    private static void Found(SignedTag signed, Trail trail)
    {
        trail.Signed = signed;
        trail.Passed("tag", $"{signed.Tag} is signed as {signed.Digest} in {signed.Role}");
    }
}
