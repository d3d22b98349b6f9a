using System.Buffers;
using System.Text.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>The JSON form of <see cref="RepositoryMemory"/>.</summary>
internal static class RepositoryMemoryFile
{
    /// <summary>Limit of a file, in bytes.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private const int Format = 1;

    public static byte[] Write(RepositoryName repository, RepositoryMemory memory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("repository", repository.Name);
            WriteTime(json, "checked", memory.CheckedAt);
            WriteTime(json, "missing-since", memory.MissingSince);
            json.WriteStartArray("lines");
            foreach (var line in memory.Lines)
            {
                WriteLine(json, line);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The memory, or null when this is not one of the repository.</summary>
    public static RepositoryMemory? Read(RepositoryName repository, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            return root.GetProperty("format").GetInt32() != Format || root.GetProperty("repository").GetString() != repository.Name
                ? null
                : new RepositoryMemory(
                    [.. root.GetProperty("lines").EnumerateArray().Select(ReadLine)],
                    ReadTime(root, "checked"),
                    ReadTime(root, "missing-since"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Damaged: the caller says so and takes the versions of the cached files.
            return null;
        }
    }

    private static void WriteLine(Utf8JsonWriter json, RootLine line)
    {
        json.WriteStartObject();
        WriteIds(json, "root-keys", line.RootKeyIds);
        WriteIds(json, "root-certificates", line.RootCertificateIds);
        json.WriteStartObject("versions");
        foreach (var (role, version) in line.Versions.OrderBy(v => v.Key.Text, StringComparer.Ordinal))
        {
            json.WriteNumber(role.Text, version);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static RootLine ReadLine(JsonElement line) => new(
        ReadIds(line, "root-keys"),
        ReadIds(line, "root-certificates"),
        line.GetProperty("versions").EnumerateObject().ToDictionary(
            v => RoleName.TryParse(v.Name, out var role) ? role : throw new FormatException("not a role"),
            v => v.Value.GetInt64()));

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<string> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
    }

    private static string[] ReadIds(JsonElement line, string name) =>
        [.. line.GetProperty(name).EnumerateArray().Select(id => id.GetString() ?? throw new FormatException("not an id"))];

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value);
        }
    }

    private static DateTimeOffset? ReadTime(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? value.GetDateTimeOffset() : null;
}
