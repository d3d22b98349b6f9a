using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>
/// Look-ups in a verified repository, in the words of the decision engine. What was found once is kept, within a bound: the data does not
/// change, and of many tags a host uses few, again and again.
/// </summary>
internal sealed class SignedTags(VerifiedRepository verified) : ISignedTags
{
    /// <summary>How many answers of each kind are kept.</summary>
    private const int MaxKept = 256;

    private readonly KeptAnswers<string, SignedTag> _byTag = new(MaxKept, StringComparer.Ordinal);
    private readonly KeptAnswers<Digest, IReadOnlyList<SignedTag>> _byDigest = new(MaxKept);

    // What users ask for in vain is not kept: they can invent any number of it.
    public SignedTag? FindTag(string tag) =>
        _byTag.Get(tag) ?? (verified.FindTag(tag) is { } found ? _byTag.Keep(tag, From(found)) : null);

    public IReadOnlyList<SignedTag> FindDigest(Digest digest) =>
        _byDigest.Get(digest) ?? (verified.FindDigest(digest) is { Count: > 0 } found ? _byDigest.Keep(digest, [.. found.Select(From)]) : []);

    public IReadOnlyList<string> TagRoles(string tag) => [.. verified.TagRoles(tag).Select(r => r.Text)];

    public bool MaySign(string role, IReadOnlyList<string> keyIds) =>
        RoleName.TryParse(role, out var name) && verified.SignersOf(name)?.MaySign(keyIds) == true;

    private SignedTag From(TrustedTag tag) => new(tag.Tag, tag.Digest, tag.Role.Text, verified.SignersOf(tag.Role)?.SignedBy ?? []);
}
