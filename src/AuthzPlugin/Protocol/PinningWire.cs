using System.Text.Json.Serialization;

namespace AuthzPlugin.Protocol;

/// <summary>The repositories that this host knows.</summary>
internal sealed record RepositoriesAnswer
{
    [JsonPropertyName("repositories")]
    public required IReadOnlyList<string> Repositories { get; init; }

    /// <summary>Why the list may not be whole; null: it is.</summary>
    [JsonPropertyName("problem")]
    public string? Problem { get; init; }
}

/// <summary>Which repositories might be admitted.</summary>
internal sealed record AdmissionsQuestion
{
    [JsonPropertyName("repositories")]
    public required IReadOnlyList<string> Repositories { get; init; }
}

/// <summary>A repository that keys have signed which are pinned already, for others.</summary>
internal sealed record Admission
{
    [JsonPropertyName("repository")]
    public required string Repository { get; init; }

    /// <summary><c>root-keys</c> or <c>cert-ids</c>.</summary>
    [JsonPropertyName("member")]
    public required string Member { get; init; }

    [JsonPropertyName("ids")]
    public required IReadOnlyList<string> Ids { get; init; }
}
