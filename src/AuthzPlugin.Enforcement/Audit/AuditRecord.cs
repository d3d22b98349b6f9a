using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// One line of the audit log: what was asked (phase <c>request</c>), what the engine has now (phase <c>response</c>), or what it
/// runs without having asked (phase <c>unasked-start</c>), or what the gate decided about a build (phase <c>build</c>).
/// </summary>
public sealed record AuditRecord : AuditLine
{
    /// <summary>RFC 3339, UTC, milliseconds.</summary>
    [JsonPropertyName("time")]
    public required string Time { get; init; }

    /// <summary><c>request</c>, <c>response</c>, <c>unasked-start</c> or <c>build</c>.</summary>
    [JsonPropertyName("phase")]
    public required string Phase { get; init; }

    /// <summary><c>disabled</c>, <c>permissive</c>, <c>enforced</c>, or <c>invalid-policy</c>.</summary>
    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    /// <summary>
    /// What the engine was told: <c>allow</c>, <c>deny</c>, or <c>would-deny</c> (allowed because the mode is permissive);
    /// for what it did not ask about <c>allow</c>, <c>report</c>, or <c>stop</c> (the container was stopped).
    /// </summary>
    [JsonPropertyName("answer")]
    public required string Answer { get; init; }

    /// <summary><c>trusted</c>, <c>refused</c>, <c>undecided</c> or <c>excepted</c>.</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    /// <summary>Reason code, see docs/reasons.md.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("method")]
    public string? Method { get; init; }

    /// <summary>The request target, at most 2048 characters of it.</summary>
    [JsonPropertyName("uri")]
    public string? Uri { get; init; }

    [JsonPropertyName("image")]
    public string? Image { get; init; }

    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    [JsonPropertyName("tag")]
    public string? Tag { get; init; }

    [JsonPropertyName("signed-digest")]
    public string? SignedDigest { get; init; }

    /// <summary>What the engine (or for a pull the registry) has.</summary>
    [JsonPropertyName("local-digest")]
    public string? LocalDigest { get; init; }

    [JsonPropertyName("image-id")]
    public string? ImageId { get; init; }

    [JsonPropertyName("container-id")]
    public string? ContainerId { get; init; }

    [JsonPropertyName("root-key-ids")]
    public IReadOnlyList<string>? RootKeyIds { get; init; }

    /// <summary>What spoke for the content under an entry of <c>signature-policies</c>.</summary>
    [JsonPropertyName("evidence")]
    public IReadOnlyList<AuditEvidence>? Evidence { get; init; }

    /// <summary>The signed images that a build begins from, or that an image built here was built from.</summary>
    [JsonPropertyName("bases")]
    public IReadOnlyList<string>? Bases { get; init; }

    [JsonPropertyName("role")]
    public string? Role { get; init; }

    /// <summary>The trust data came from the cache.</summary>
    [JsonPropertyName("cached")]
    public bool Cached { get; init; }

    /// <summary>The trust server could not be asked, and cached data answered.</summary>
    [JsonPropertyName("stale")]
    public bool Stale { get; init; }

    /// <summary>Common name of a TLS client certificate, when there was one. No header is ever taken as identity.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }

    /// <summary>User id of who called, as the kernel said it to the gate; absent when the request did not come through the gate.</summary>
    [JsonPropertyName("uid")]
    public long? Uid { get; init; }

    /// <summary>Group id, likewise.</summary>
    [JsonPropertyName("gid")]
    public long? Gid { get; init; }

    /// <summary>Process id, likewise; the process may be gone by now.</summary>
    [JsonPropertyName("pid")]
    public int? Pid { get; init; }

    /// <summary>The user id's name on this host, when it has one.</summary>
    [JsonPropertyName("user-name")]
    public string? UserName { get; init; }

    [JsonPropertyName("auth-method")]
    public string? AuthMethod { get; init; }

    /// <summary>This record stands for so many equal refusals in a flood; the others were not written. Absent: for itself alone.</summary>
    [JsonPropertyName("repeated")]
    public long? Repeated { get; init; }

    /// <summary>From the engine's question to our answer, in milliseconds.</summary>
    [JsonPropertyName("duration-ms")]
    public double DurationMs { get; init; }

    [JsonPropertyName("checks")]
    public required IReadOnlyList<AuditCheck> Checks { get; init; }
}

/// <summary>One kind of evidence.</summary>
public sealed record AuditEvidence
{
    /// <summary>See <see cref="Policy.Signatures.EvidenceKinds"/>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>The keys that signed; for Notary v1 the pinned root keys.</summary>
    [JsonPropertyName("key-ids")]
    public required IReadOnlyList<string> KeyIds { get; init; }

    /// <summary>Who signed, for kinds that go by certificates.</summary>
    [JsonPropertyName("signers")]
    public IReadOnlyList<string>? Signers { get; init; }
}

/// <summary>One check of a decision.</summary>
public sealed record AuditCheck
{
    [JsonPropertyName("check")]
    public required string Check { get; init; }

    /// <summary><c>passed</c>, <c>failed</c> or <c>unknown</c>.</summary>
    [JsonPropertyName("result")]
    public required string Result { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <summary>The checks of a decision, in their order.</summary>
    public static IReadOnlyList<AuditCheck> Of(Decision decision) =>
        [.. decision.Checks.Select(c => new AuditCheck { Check = c.What, Result = c.Result.ToString().ToLowerInvariant(), Detail = c.Detail })];
}

/// <summary>The place of any line in the chain.</summary>
internal sealed record AuditPlace
{
    [JsonPropertyName("seq")]
    public long Sequence { get; init; }

    [JsonPropertyName("prev")]
    public string? Previous { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditRecord))]
[JsonSerializable(typeof(AuditEvent))]
[JsonSerializable(typeof(AuditPlace))]
[JsonSerializable(typeof(AuditRead))]
internal sealed partial class AuditJson : JsonSerializerContext;
