using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>The signed part of a snapshot: one consistent set of files. Keys are role names without <c>.json</c>.</summary>
internal sealed record SnapshotMetadata(MetadataHeader Header, IReadOnlyDictionary<string, FileMeta> Files)
{
    internal FileMeta? Find(RoleName role) => Files.GetValueOrDefault(role.Text);

    internal static SnapshotMetadata Read(MetadataFile file, MetadataLimits limits) => file.Read(signed =>
    {
        var header = MetadataHeader.Read(signed, "Snapshot");
        var files = ReadFiles(signed.Get("meta"), limits);
        foreach (var role in (ReadOnlySpan<string>)["root", "targets"])
        {
            if (files.GetValueOrDefault(role)?.Sha256 is null)
            {
                throw new FormatException($"it has no sha256 of {role}");
            }
        }

        return new SnapshotMetadata(header, files);
    });

    private static Dictionary<string, FileMeta> ReadFiles(JsonValue meta, MetadataLimits limits)
    {
        var files = new Dictionary<string, FileMeta>(StringComparer.Ordinal);
        foreach (var (name, value) in meta.Members())
        {
            Limit.Check(files.Count, limits.SnapshotEntries, "entries");
            files.Add(name.GetString(), FileMetaReader.Read(value));
        }

        return files;
    }
}
