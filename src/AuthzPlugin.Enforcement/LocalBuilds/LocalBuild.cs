using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.LocalBuilds;

/// <summary>The memory that the gate saw an image built from signed images only.</summary>
public sealed record LocalBuild
{
    /// <summary>The immutable image id, as the engine's builder reported it.</summary>
    public required string ImageId { get; init; }

    /// <summary>Everything it was built from, each once; at least one.</summary>
    public required IReadOnlyList<LocalBuildBase> Bases { get; init; }

    /// <summary>The engine that built it.</summary>
    public required string EngineId { get; init; }

    /// <summary>User id of who built it.</summary>
    public required long Uid { get; init; }

    public required DateTimeOffset BuiltAt { get; init; }
}

/// <summary>An image that a build began from or took files from, as it was decided then.</summary>
public sealed record LocalBuildBase
{
    public required string Repository { get; init; }

    /// <summary>The signed tag that spoke for the digest, or that it was resolved from; null where only a digest was named.</summary>
    public string? Tag { get; init; }

    public required string SignedDigest { get; init; }

    /// <summary>Canonical ids of the pinned root keys behind the signature; none where other evidence spoke.</summary>
    public required IReadOnlyList<string> RootKeyIds { get; init; }

    public override string ToString() => Text(Repository, Tag, SignedDigest);

    /// <summary><c>repository:tag@digest</c>, or without the tag.</summary>
    public static string Text(string repository, string? tag, string digest) =>
        tag is null ? $"{repository}@{digest}" : $"{repository}:{tag}@{digest}";
}

[JsonSourceGenerationOptions(MaxDepth = 8, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(LocalBuild))]
internal sealed partial class LocalBuildJson : JsonSerializerContext;
