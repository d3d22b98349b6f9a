using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Protocol;

/// <summary>The last time that the policy's files were read.</summary>
internal sealed record ReloadStatus
{
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary><c>started</c>, <c>unchanged</c>, <c>replaced</c>, <c>refused</c> (the last good policy stays) or <c>stillinvalid</c>.</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }
}

/// <summary>The engine as it answers now.</summary>
internal sealed record EngineStatus
{
    [JsonPropertyName("version")]
    public string? Version { get; init; }

    /// <summary><c>classic</c> or <c>containerd</c>.</summary>
    [JsonPropertyName("image-store")]
    public string? Store { get; init; }

    /// <summary>Why nothing is known of it; null: it answers.</summary>
    [JsonPropertyName("problem")]
    public string? Problem { get; init; }
}

/// <summary>The gate in front of docker's socket.</summary>
internal sealed record GateStatus
{
    [JsonPropertyName("on")]
    public required bool On { get; init; }

    /// <summary>Where clients connect; null: it is off.</summary>
    [JsonPropertyName("socket")]
    public string? Socket { get; init; }

    /// <summary>Where the engine listens behind it.</summary>
    [JsonPropertyName("engine-socket")]
    public string? EngineSocket { get; init; }

    /// <summary>When this process of the service opened it.</summary>
    [JsonPropertyName("since")]
    public DateTimeOffset? Since { get; init; }

    /// <summary>Clients' connections that are open now.</summary>
    [JsonPropertyName("connections")]
    public int? Connections { get; init; }

    /// <summary>
    /// <c>enable</c> or <c>disable</c>: that switch was made, and the commands that it printed were not run yet, so the other state lasts. Null: nothing waits.
    /// </summary>
    [JsonPropertyName("pending")]
    public string? Pending { get; init; }
}

/// <summary>Decisions since the start of the service.</summary>
internal sealed record DecisionStatus
{
    [JsonPropertyName("trusted")]
    public required long Trusted { get; init; }

    [JsonPropertyName("refused")]
    public required long Refused { get; init; }

    [JsonPropertyName("excepted")]
    public required long Excepted { get; init; }

    [JsonPropertyName("undecided")]
    public required long Undecided { get; init; }

    /// <summary>Of all of them, what the engine was told to deny.</summary>
    [JsonPropertyName("denied")]
    public required long Denied { get; init; }

    public static DecisionStatus From(DecisionCounts counts) => new()
    {
        Trusted = counts.Trusted,
        Refused = counts.Refused,
        Excepted = counts.Excepted,
        Undecided = counts.Undecided,
        Denied = counts.Denied,
    };
}

/// <summary>A trust server that was asked since the start of the service.</summary>
internal sealed record TrustServerStatus
{
    [JsonPropertyName("server")]
    public required string Server { get; init; }

    [JsonPropertyName("last-success")]
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>The last whole update of a repository, in milliseconds.</summary>
    [JsonPropertyName("latency-ms")]
    public double? LatencyMs { get; init; }

    [JsonPropertyName("last-failure")]
    public DateTimeOffset? LastFailure { get; init; }

    [JsonPropertyName("problem")]
    public string? Problem { get; init; }

    /// <summary>Until then cached data answers; null: the server is asked.</summary>
    [JsonPropertyName("next-try")]
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>The last try failed.</summary>
    [JsonIgnore]
    public bool IsInTrouble => LastFailure is { } failed && (LastSuccess is not { } answered || failed > answered);

    public static TrustServerStatus From(TrustServerState state) => new()
    {
        Server = state.Server,
        LastSuccess = state.LastSuccess,
        LatencyMs = state.Latency is { } took ? Math.Round(took.TotalMilliseconds, 1) : null,
        LastFailure = state.LastFailure,
        Problem = state.Problem is { } problem ? UntrustedText.Escape(problem) : null,
        NextTry = state.NextTry,
    };
}

/// <summary>The cached trust data.</summary>
internal sealed record CacheStatus
{
    /// <summary>Repositories whose files are cached.</summary>
    [JsonPropertyName("repositories")]
    public required int Repositories { get; init; }

    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>When the first of them expires; it may be past.</summary>
    [JsonPropertyName("oldest-expiry")]
    public DateTimeOffset? OldestExpiry { get; init; }

    /// <summary>Those that expire within the days asked for or have expired, the first one first; at most <see cref="MostExpiring"/>.</summary>
    [JsonPropertyName("expiring")]
    public required IReadOnlyList<ExpiringStatus> Expiring { get; init; }

    /// <summary>How many expire so soon, those that are not listed included.</summary>
    [JsonPropertyName("expiring-count")]
    public required int ExpiringCount { get; init; }

    /// <summary>Why nothing is known of it; null: it could be read.</summary>
    [JsonPropertyName("problem")]
    public string? Problem { get; init; }

    public const int MostExpiring = 100;

    public static CacheStatus From(IReadOnlyList<CachedRepository> known, DateTimeOffset until)
    {
        var cached = known.Where(r => r.Bytes > 0).ToArray();
        ExpiringStatus[] dated =
        [
            .. cached.Where(r => r.ExpiresAt is not null)
                .Select(r => new ExpiringStatus { Repository = r.Repository.Name, ExpiresAt = r.ExpiresAt!.Value })
                .OrderBy(r => r.ExpiresAt),
        ];
        return new CacheStatus
        {
            Repositories = cached.Length,
            Bytes = cached.Sum(r => r.Bytes),
            OldestExpiry = dated.Length > 0 ? dated[0].ExpiresAt : null,
            Expiring = [.. dated.TakeWhile(r => r.ExpiresAt <= until).Take(MostExpiring)],
            ExpiringCount = dated.Count(r => r.ExpiresAt <= until),
        };
    }
}

/// <summary>A repository whose trust data expires.</summary>
internal sealed record ExpiringStatus
{
    [JsonPropertyName("repository")]
    public required string Repository { get; init; }

    [JsonPropertyName("expires-at")]
    public required DateTimeOffset ExpiresAt { get; init; }
}
