using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Verification;

/// <summary>A tag, the digest that was signed for it, and the role that did: <c>targets/releases</c> or <c>targets</c>.</summary>
public sealed record TrustedTag(string Tag, Digest Digest, RoleName Role);
