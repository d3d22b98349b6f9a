using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>A root that passed.</summary>
/// <param name="UsableKeys">Its root keys that may speak for the repository.</param>
/// <param name="SignedBy">Ids of those of them that signed it.</param>
/// <param name="Signers">The pinned ones among these.</param>
internal sealed record TrustedRoot(
    MetadataFile File,
    RootMetadata Metadata,
    IReadOnlyList<RootKey> UsableKeys,
    IReadOnlySet<string> SignedBy,
    IReadOnlyList<RootKey> Signers);
