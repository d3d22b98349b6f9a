using System.Text.Json.Serialization;

namespace AuthzPlugin.Protocol;

/// <summary>What <c>status</c> shows (version 1 of its JSON form).</summary>
internal sealed record ServiceStatus
{
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary><c>disabled</c>, <c>permissive</c>, <c>enforced</c> or <c>invalid-policy</c>.</summary>
    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    [JsonPropertyName("policy-source")]
    public string? PolicySource { get; init; }

    [JsonPropertyName("policy-fingerprint")]
    public string? PolicyFingerprint { get; init; }

    [JsonPropertyName("in-force-since")]
    public required DateTimeOffset InForceSince { get; init; }

    [JsonPropertyName("policy-problems")]
    public required IReadOnlyList<string> PolicyProblems { get; init; }

    [JsonPropertyName("policy-warnings")]
    public required IReadOnlyList<string> PolicyWarnings { get; init; }

    [JsonPropertyName("approvals")]
    public required int Approvals { get; init; }

    [JsonPropertyName("trust-server-problems")]
    public required IReadOnlyList<string> TrustServerProblems { get; init; }
}

/// <summary>The answer to an act of an administrator.</summary>
internal sealed record AdminAnswer
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceStatus))]
[JsonSerializable(typeof(AdminAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;
