namespace AuthzPlugin.Trust.Metadata;

/// <summary>One element of <c>signatures</c>, unverified.</summary>
/// <param name="Method">Name of the algorithm as written; compared without regard to case.</param>
internal sealed record MetadataSignature(string KeyId, string Method, byte[] Value);
