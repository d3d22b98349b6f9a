using System.Text.Json.Serialization;

namespace AuthzPlugin.Protocol;

/// <summary>What <c>status</c> shows (version 1 of its JSON form).</summary>
internal sealed record ServiceStatus
{
    /// <summary>Trust data that expires within so many days is named unless something else is asked for.</summary>
    public const int DefaultDays = 14;

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

    [JsonPropertyName("last-reload")]
    public required ReloadStatus LastReload { get; init; }

    /// <summary>Why everything runs although the policy says enforced; null: it does not.</summary>
    [JsonPropertyName("break-glass")]
    public string? BreakGlass { get; init; }

    [JsonPropertyName("policy-problems")]
    public required IReadOnlyList<string> PolicyProblems { get; init; }

    [JsonPropertyName("policy-warnings")]
    public required IReadOnlyList<string> PolicyWarnings { get; init; }

    /// <summary>What may run without a signature now, until when and why.</summary>
    [JsonPropertyName("exceptions")]
    public IReadOnlyList<string> Exceptions { get; init; } = [];

    [JsonPropertyName("approvals")]
    public required int Approvals { get; init; }

    [JsonPropertyName("engine")]
    public required EngineStatus Engine { get; init; }

    [JsonPropertyName("gate")]
    public required GateStatus Gate { get; init; }

    /// <summary>Since the start of the service.</summary>
    [JsonPropertyName("decisions")]
    public required DecisionStatus Decisions { get; init; }

    [JsonPropertyName("trust-servers")]
    public required IReadOnlyList<TrustServerStatus> TrustServers { get; init; }

    [JsonPropertyName("cache")]
    public required CacheStatus Cache { get; init; }

    /// <summary>What this host or its policy leaves open, and what to do about it.</summary>
    [JsonPropertyName("host-warnings")]
    public required IReadOnlyList<string> HostWarnings { get; init; }

    /// <summary>Containers that run and would be refused (or whose evidence could not be had), and those that were stopped for it.</summary>
    [JsonPropertyName("running-refused")]
    public required IReadOnlyList<RunningContainerStatus> RunningRefused { get; init; }
}

/// <summary>Opens break-glass.</summary>
internal sealed record BreakGlassQuestion
{
    [JsonPropertyName("seconds")]
    public double Seconds { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }
}

/// <summary>A container that the engine runs, or ran, without having asked.</summary>
internal sealed record RunningContainerStatus
{
    [JsonPropertyName("container-id")]
    public required string ContainerId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("started-at")]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary><c>refused</c> or <c>undecided</c>.</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>It was stopped for it.</summary>
    [JsonPropertyName("stopped")]
    public required bool Stopped { get; init; }
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
[JsonSerializable(typeof(BreakGlassQuestion))]
[JsonSerializable(typeof(IReadOnlyList<CachedAnswer>))]
[JsonSerializable(typeof(VerifyQuestion))]
[JsonSerializable(typeof(ExplainQuestion))]
[JsonSerializable(typeof(IReadOnlyList<DecisionAnswer>))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(HostAnswer))]
[JsonSerializable(typeof(KeysAnswer))]
[JsonSerializable(typeof(RepositoriesAnswer))]
[JsonSerializable(typeof(AdmissionsQuestion))]
[JsonSerializable(typeof(IReadOnlyList<Admission>))]
internal sealed partial class AdminJson : JsonSerializerContext;
