using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>A line of the log as it is read again, whatever kind it is of. Members that a later version adds are passed over.</summary>
public sealed record AuditRead
{
    [JsonPropertyName("seq")]
    public long Sequence { get; init; }

    [JsonPropertyName("time")]
    public string? Time { get; init; }

    [JsonPropertyName("phase")]
    public string? Phase { get; init; }

    [JsonPropertyName("event")]
    public string? Event { get; init; }

    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    [JsonPropertyName("answer")]
    public string? Answer { get; init; }

    [JsonPropertyName("outcome")]
    public string? Outcome { get; init; }

    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }

    [JsonPropertyName("method")]
    public string? Method { get; init; }

    [JsonPropertyName("uri")]
    public string? Uri { get; init; }

    [JsonPropertyName("image")]
    public string? Image { get; init; }

    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    [JsonPropertyName("user")]
    public string? User { get; init; }

    [JsonPropertyName("repeated")]
    public long? Repeated { get; init; }

    /// <summary>The line as it stands in the file.</summary>
    [JsonIgnore]
    public string Json { get; init; } = "";
}

/// <summary>Reads the records of a log's files, the oldest first. Lines that are no records are passed over: <c>audit verify</c> tells of them.</summary>
public static class AuditReader
{
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IEnumerable<AuditRead> Read(string path)
    {
        foreach (var file in AuditFiles.OldestFirst(path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var lines = new AuditLines(stream);
            while (lines.Next() is { } line)
            {
                if (Parse(line.Span) is { } read)
                {
                    yield return read;
                }
            }
        }
    }

    private static AuditRead? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, AuditJson.Default.AuditRead) is { } read ? read with { Json = Encoding.UTF8.GetString(line) } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
