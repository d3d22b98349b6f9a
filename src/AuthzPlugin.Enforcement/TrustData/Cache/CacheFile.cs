using System.Buffers;
using System.Text.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// All metadata of a repository in one file, so that an update is there as a whole or not at all: a line of JSON that names
/// repository, roles and lengths, a line feed, and the raw files one after another.
/// </summary>
internal static class CacheFile
{
    private const int Format = 1;
    private const int LongestHeader = 1024 * 1024;

    /// <summary>The content in parts, so that large files are not copied.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Write(RepositoryName repository, MetadataFiles files)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("repository", repository.Name);
            json.WriteStartObject("lengths");
            foreach (var (role, file) in files.All)
            {
                json.WriteNumber(role.Text, file.Length);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return [buffer.WrittenMemory, .. files.All.Select(f => (ReadOnlyMemory<byte>)f.Value)];
    }

    /// <summary>The files, or null when this is no complete cache file of the repository.</summary>
    public static MetadataFiles? Read(RepositoryName repository, ReadOnlyMemory<byte> content)
    {
        var end = content.Span[..Math.Min(content.Length, LongestHeader)].IndexOf((byte)'\n');
        if (end < 0)
        {
            return null;
        }

        try
        {
            using var header = JsonDocument.Parse(content[..end], new JsonDocumentOptions { MaxDepth = 4 });
            return IsFor(repository, header.RootElement) ? Split(header.RootElement.GetProperty("lengths"), content[(end + 1)..]) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Damaged: the caller says so and does without it.
            return null;
        }
    }

    private static bool IsFor(RepositoryName repository, JsonElement header) =>
        header.GetProperty("format").GetInt32() == Format && header.GetProperty("repository").GetString() == repository.Name;

    private static MetadataFiles? Split(JsonElement lengths, ReadOnlyMemory<byte> rest)
    {
        var files = new Dictionary<RoleName, byte[]>();
        foreach (var entry in lengths.EnumerateObject())
        {
            var length = entry.Value.GetInt32();
            if (length < 0 || length > rest.Length || !RoleName.TryParse(entry.Name, out var role) || !files.TryAdd(role, rest[..length].ToArray()))
            {
                return null;
            }

            rest = rest[length..];
        }

        return rest.IsEmpty ? new MetadataFiles(files) : null;
    }
}
