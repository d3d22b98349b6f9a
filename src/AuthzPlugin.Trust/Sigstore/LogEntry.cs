namespace AuthzPlugin.Trust.Sigstore;

/// <summary>An entry of a Rekor log as it comes with a signature: unverified.</summary>
/// <param name="LogIndex">The entry's number that the promise covers.</param>
/// <param name="IntegratedTime">Seconds since 1970; null in entries of Rekor 2. Counts only with a promise.</param>
/// <param name="KindVersion">What the carrier says that the body is; null when it does not say.</param>
/// <param name="Promise">The log's signature over the entry (signed entry timestamp); null when there is none.</param>
/// <param name="Body">The entry's bytes (canonicalized body).</param>
internal sealed record LogEntry(
    byte[] LogId, long LogIndex, long? IntegratedTime, (string Kind, string Version)? KindVersion, byte[]? Promise, InclusionProof? Proof, byte[] Body)
{
    /// <summary>Most entries that come with one signature.</summary>
    internal const int MaxCount = 8;
}

/// <summary>A Merkle inclusion proof and the log's signed state that it leads to; unverified.</summary>
/// <param name="RootHash">What the carrier says the root is; the checkpoint's counts.</param>
/// <param name="Checkpoint">A signed note.</param>
internal sealed record InclusionProof(long LogIndex, long TreeSize, byte[]? RootHash, IReadOnlyList<byte[]> Hashes, string Checkpoint);
