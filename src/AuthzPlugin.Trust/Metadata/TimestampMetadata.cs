namespace AuthzPlugin.Trust.Metadata;

/// <summary>The signed part of a timestamp: which snapshot is current. Entries other than <c>snapshot</c> say nothing.</summary>
internal sealed record TimestampMetadata(MetadataHeader Header, FileMeta Snapshot)
{
    internal static TimestampMetadata Read(MetadataFile file) => file.Read(signed =>
    {
        var header = MetadataHeader.Read(signed, "Timestamp");
        var snapshot = FileMetaReader.Read(signed.Get("meta").Get("snapshot"));
        return snapshot.Sha256 is null
            ? throw new FormatException("it has no sha256 of the snapshot")
            : new TimestampMetadata(header, snapshot);
    });
}
