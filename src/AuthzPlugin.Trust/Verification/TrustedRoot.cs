using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Verification;

/// <summary>A root that passed, and the pinned keys that signed it.</summary>
internal sealed record TrustedRoot(MetadataFile File, RootMetadata Metadata, IReadOnlyList<RootKey> Signers);
