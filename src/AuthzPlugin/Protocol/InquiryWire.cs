using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Protocol;

/// <summary>What <c>verify</c> asks.</summary>
internal sealed record VerifyQuestion
{
    [JsonPropertyName("images")]
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Only what is known already; no trust server is asked.</summary>
    [JsonPropertyName("offline")]
    public bool Offline { get; init; }

    /// <summary>The present, for expiry; null: now.</summary>
    [JsonPropertyName("at")]
    public DateTimeOffset? At { get; init; }
}

/// <summary>What <c>explain</c> asks.</summary>
internal sealed record ExplainQuestion
{
    [JsonPropertyName("method")]
    public required string Method { get; init; }

    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    [JsonPropertyName("body")]
    public string? Body { get; init; }

    /// <summary>A file with another policy; null: the one in force.</summary>
    [JsonPropertyName("policy")]
    public string? Policy { get; init; }
}

/// <summary>A decision with everything that led to it.</summary>
internal sealed record DecisionAnswer
{
    [JsonPropertyName("image")]
    public required string Image { get; init; }

    /// <summary><c>trusted</c>, <c>excepted</c> (not trusted, and allowed all the same), <c>refused</c> or <c>undecided</c>.</summary>
    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    [JsonIgnore]
    public bool IsAllowed => Outcome is "trusted" or "excepted";

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    [JsonPropertyName("tag")]
    public string? Tag { get; init; }

    [JsonPropertyName("signed-digest")]
    public string? SignedDigest { get; init; }

    [JsonPropertyName("local-digest")]
    public string? LocalDigest { get; init; }

    /// <summary>The kinds of evidence that decided (<see cref="Decision.DecidedBy"/>), such as <c>cosign</c>.</summary>
    [JsonPropertyName("evidence")]
    public IReadOnlyList<string> Evidence { get; init; } = [];

    [JsonPropertyName("checks")]
    public required IReadOnlyList<AuditCheck> Checks { get; init; }

    public static DecisionAnswer From(Decision decision, string image) => new()
    {
        Image = image,
        Outcome = decision.Outcome.ToString().ToLowerInvariant(),
        Reason = decision.Reason.ToText(),
        Message = decision.Message,
        Repository = decision.Repository,
        Tag = decision.Tag,
        SignedDigest = decision.SignedDigest?.ToString(),
        LocalDigest = decision.LocalDigest?.ToString(),
        Evidence = [.. decision.DecidedBy.Select(k => k.ToText())],
        Checks = AuditCheck.Of(decision),
    };
}

/// <summary>What a request would come to.</summary>
internal sealed record ExplanationAnswer
{
    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    [JsonPropertyName("endpoint")]
    public required string Endpoint { get; init; }

    /// <summary>Why nothing needs to be decided.</summary>
    [JsonPropertyName("without-decision")]
    public string? WithoutDecision { get; init; }

    [JsonPropertyName("decision")]
    public DecisionAnswer? Decision { get; init; }
}

/// <summary>Every image and container of the engine, decided.</summary>
internal sealed record HostAnswer
{
    [JsonPropertyName("images")]
    public required IReadOnlyList<DecisionAnswer> Images { get; init; }

    [JsonPropertyName("containers")]
    public required IReadOnlyList<ContainerAnswer> Containers { get; init; }
}

/// <summary>A container of the engine, decided as a start of it would be.</summary>
internal sealed record ContainerAnswer
{
    [JsonPropertyName("container-id")]
    public required string Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("running")]
    public required bool Running { get; init; }

    [JsonPropertyName("decision")]
    public required DecisionAnswer Decision { get; init; }
}

/// <summary>The root keys that a server shows for a repository. They prove nothing.</summary>
internal sealed record KeysAnswer
{
    [JsonPropertyName("repository")]
    public string? Repository { get; init; }

    [JsonPropertyName("server")]
    public string? Server { get; init; }

    [JsonPropertyName("keys")]
    public required IReadOnlyList<KeyAnswer> Keys { get; init; }
}

/// <summary>One root key.</summary>
internal sealed record KeyAnswer
{
    [JsonPropertyName("root-key-id")]
    public required string RootKeyId { get; init; }

    [JsonPropertyName("cert-id")]
    public required string CertificateId { get; init; }

    [JsonPropertyName("common-name")]
    public required string CommonName { get; init; }

    [JsonPropertyName("not-after")]
    public required DateTimeOffset NotAfter { get; init; }

    [JsonPropertyName("algorithm")]
    public required string Algorithm { get; init; }

    /// <summary>The policy in force pins it for the repository.</summary>
    [JsonPropertyName("pinned")]
    public bool? Pinned { get; init; }
}

/// <summary>What is kept of a repository.</summary>
internal sealed record CachedAnswer
{
    [JsonPropertyName("repository")]
    public required string Repository { get; init; }

    /// <summary>0: its files are not cached, its versions are remembered.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    [JsonPropertyName("checked-at")]
    public DateTimeOffset? CheckedAt { get; init; }

    /// <summary>When the first of its cached files expires.</summary>
    [JsonPropertyName("expires-at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Since when its server says that it has no trust data.</summary>
    [JsonPropertyName("missing-since")]
    public DateTimeOffset? MissingSince { get; init; }

    [JsonPropertyName("root-key-ids")]
    public required IReadOnlyList<string> RootKeyIds { get; init; }

    /// <summary>By role: nothing below is accepted.</summary>
    [JsonPropertyName("versions")]
    public required IReadOnlyDictionary<string, long> Versions { get; init; }

    public static CachedAnswer From(CachedRepository repository) => new()
    {
        Repository = repository.Repository.Name,
        Bytes = repository.Bytes,
        CheckedAt = repository.CheckedAt,
        MissingSince = repository.MissingSince,
        ExpiresAt = repository.ExpiresAt,
        RootKeyIds = repository.RootKeyIds,
        Versions = repository.Versions,
    };
}
