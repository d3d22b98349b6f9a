using System.Globalization;
using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>A line of the audit log that is not about a request: start, stop, policy changes, acts of an administrator.</summary>
public sealed record AuditEvent : AuditLine
{
    /// <summary>RFC 3339, UTC, milliseconds.</summary>
    [JsonPropertyName("time")]
    public required string Time { get; init; }

    /// <summary>Always <c>event</c>; requests have <c>request</c> or <c>response</c> here.</summary>
    [JsonPropertyName("phase")]
    public string Phase { get; init; } = "event";

    /// <summary><c>started</c>, <c>stopping</c>, <c>policy-replaced</c>, <c>policy-refused</c>, <c>policy-unchanged</c>, <c>cache-forgotten</c>,
    /// <c>break-glass-opened</c>, <c>break-glass-closed</c>, <c>host-listed</c>, <c>audit-break</c>.</summary>
    [JsonPropertyName("event")]
    public required string Event { get; init; }

    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    /// <summary>SHA-256 of the policy stanza in force.</summary>
    [JsonPropertyName("policy-fingerprint")]
    public string? PolicyFingerprint { get; init; }

    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    /// <summary>One sentence.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    internal static string TimeOf(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>An event of this moment.</summary>
    public static AuditEvent Now(TimeProvider time, string name, string message) =>
        new() { Time = TimeOf(time.GetUtcNow()), Event = name, Message = message };
}
