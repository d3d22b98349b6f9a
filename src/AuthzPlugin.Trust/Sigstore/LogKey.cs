using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>The pinned key of a certificate transparency log or of a Rekor log.</summary>
/// <param name="Id">The log's id, as the root file states it.</param>
/// <param name="CheckpointId">The id whose first four bytes are the hint in signed notes; mostly the same.</param>
internal sealed record LogKey(byte[] Id, byte[] CheckpointId, CosignKey Key, ValidityWindow Window)
{
    internal string IdText => Convert.ToHexStringLower(Id);
}
