using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// The JSON form of <see cref="RepositoryMemory"/>, with its own checksum: a digit that the disk changed would otherwise refuse honest data
/// as rollback, or let old data pass.
/// </summary>
internal static class RepositoryMemoryFile
{
    /// <summary>Limit of a file, in bytes.</summary>
    public const int MaximumBytes = 4 * 1024 * 1024;

    private const int Format = 2;

    public static byte[] Write(RepositoryName repository, RepositoryMemory memory)
    {
        var memoryBytes = WriteMemory(repository, memory);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(memoryBytes)));
            json.WritePropertyName("memory");
            json.WriteRawValue(memoryBytes);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] WriteMemory(RepositoryName repository, RepositoryMemory memory)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("repository", repository.Name);
            WriteTime(json, "checked", memory.CheckedAt);
            WriteTime(json, "missing-since", memory.MissingSince);
            WriteTime(json, "expires", memory.ExpiresAt);
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

    /// <summary>The repository that a file says it is about; null when it says none.</summary>
    public static RepositoryName? NameIn(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 8 });
            var text = document.RootElement.GetProperty("memory").GetProperty("repository").GetString();
            return ImageReferenceParser.TryParseNamed(text, out var named, out _) && named.Repository.Name == text ? named.Repository : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Damaged: it counts as no file when the repository is asked for, too.
            return null;
        }
    }

    /// <summary>The memory, or null when this is not one of the repository.</summary>
    public static RepositoryMemory? Read(RepositoryName repository, ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 8 });
            var memory = document.RootElement.GetProperty("memory");
            return IsIntact(document.RootElement, memory) && memory.GetProperty("repository").GetString() == repository.Name
                ? new RepositoryMemory(
                    [.. memory.GetProperty("lines").EnumerateArray().Select(ReadLine)],
                    ReadTime(memory, "checked"),
                    ReadTime(memory, "missing-since"))
                {
                    ExpiresAt = ReadTime(memory, "expires"),
                }
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Damaged: the caller says so and takes the versions of the cached files.
            return null;
        }
    }

    private static bool IsIntact(JsonElement root, JsonElement memory) =>
        root.GetProperty("format").GetInt32() == Format
        && root.GetProperty("sha256").GetString() == Convert.ToHexStringLower(SHA256.HashData(JsonMarshal.GetRawUtf8Value(memory)));

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
        json.WriteStartObject("key-sets");
        foreach (var (role, keySet) in line.KeySets.OrderBy(v => v.Key.Text, StringComparer.Ordinal))
        {
            json.WriteString(role.Text, keySet);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static RootLine ReadLine(JsonElement line) => new(
        ReadIds(line, "root-keys"),
        ReadIds(line, "root-certificates"),
        ReadRoles(line, "versions", v => v.GetInt64()),
        ReadRoles(line, "key-sets", v => v.GetString() ?? throw new FormatException("not a key set")));

    private static Dictionary<RoleName, T> ReadRoles<T>(JsonElement line, string name, Func<JsonElement, T> read)
    {
        var result = new Dictionary<RoleName, T>();
        foreach (var member in line.GetProperty(name).EnumerateObject())
        {
            if (!RoleName.TryParse(member.Name, out var role) || !result.TryAdd(role, read(member.Value)))
            {
                throw new FormatException("not a role, or one that is there twice");
            }
        }

        return result;
    }

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
