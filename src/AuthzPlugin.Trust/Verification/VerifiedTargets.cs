using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>The verified tags of one role.</summary>
/// <param name="Paths">Tag prefixes that it and every role above it may speak for.</param>
internal sealed record VerifiedTargets(
    RoleName Role, IReadOnlyList<string> Paths, TagTable Tags, RoleSigners Signers)
{
    /// <summary>Whether the role has the tag and may speak for it. The hash is null where the publisher gave no sha256.</summary>
    internal bool TryFind(string tag, out Sha256Hash? hash) => Tags.TryFind(tag, out hash) && Covers(tag);

    private bool Covers(string tag)
    {
        foreach (var path in Paths)
        {
            if (tag.StartsWith(path, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
