using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// What every line of the audit log begins with. <see cref="AuditLog"/> fills it in when the line is written; each line names the
/// SHA-256 of the one before, so that a change, a gap or a line in between shows (docs/audit.md).
/// </summary>
public abstract record AuditLine
{
    /// <summary>Version of the schema.</summary>
    [JsonPropertyName("v")]
    [JsonPropertyOrder(-3)]
    public int Version { get; init; } = 1;

    /// <summary>Number of the line since the log began, from 1; rotation does not interrupt it.</summary>
    [JsonPropertyName("seq")]
    [JsonPropertyOrder(-2)]
    public long Sequence { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the line before, without its line feed; 64 zeros in the first.</summary>
    [JsonPropertyName("prev")]
    [JsonPropertyOrder(-1)]
    public string Previous { get; init; } = AuditHead.Start.Hash;
}
