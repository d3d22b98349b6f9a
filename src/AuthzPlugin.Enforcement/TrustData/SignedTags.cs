using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>Look-ups in a verified repository, in the words of the decision engine.</summary>
internal sealed class SignedTags(VerifiedRepository verified) : ISignedTags
{
    public SignedTag? FindTag(string tag) => verified.FindTag(tag) is { } found ? From(found) : null;

    public IReadOnlyList<SignedTag> FindDigest(Digest digest) => [.. verified.FindDigest(digest).Select(From)];

    public IReadOnlyList<string> TagRoles(string tag) => [.. verified.TagRoles(tag).Select(r => r.Text)];

    public bool MaySign(string role, IReadOnlyList<string> keyIds) =>
        RoleName.TryParse(role, out var name) && verified.SignersOf(name)?.MaySign(keyIds) == true;

    private SignedTag From(TrustedTag tag) => new(tag.Tag, tag.Digest, tag.Role.Text, verified.SignersOf(tag.Role)?.SignedBy ?? []);
}
