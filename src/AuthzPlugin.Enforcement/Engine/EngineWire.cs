using System.Text.Json;
using System.Text.Json.Serialization;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>The members that are used of <c>GET /images/{name}/json</c> (Engine API 1.24–1.55).</summary>
public sealed record ImageInspect
{
    [JsonPropertyName("Id")]
    public string? Id { get; init; }

    [JsonPropertyName("RepoTags")]
    public IReadOnlyList<string>? RepoTags { get; init; }

    [JsonPropertyName("RepoDigests")]
    public IReadOnlyList<string>? RepoDigests { get; init; }

    [JsonPropertyName("Config")]
    public ImageConfigInspect? Config { get; init; }

    /// <summary>Present since API 1.48, and only with the containerd image store.</summary>
    [JsonPropertyName("Descriptor")]
    public DescriptorInspect? Descriptor { get; init; }
}

/// <summary>What an image is configured with, as far as it is used.</summary>
public sealed record ImageConfigInspect
{
    /// <summary>Instructions for whoever builds from it.</summary>
    [JsonPropertyName("OnBuild")]
    public IReadOnlyList<string>? OnBuild { get; init; }
}

/// <summary>An OCI descriptor, as far as it is used.</summary>
public sealed record DescriptorInspect
{
    [JsonPropertyName("digest")]
    public string? Digest { get; init; }
}

/// <summary>The members that are used of <c>GET /containers/{id}/json</c>.</summary>
public sealed record ContainerInspect
{
    [JsonPropertyName("Id")]
    public string? Id { get; init; }

    /// <summary>Name with a leading slash.</summary>
    [JsonPropertyName("Name")]
    public string? Name { get; init; }

    /// <summary>The immutable id of the image the container was made from.</summary>
    [JsonPropertyName("Image")]
    public string? Image { get; init; }

    [JsonPropertyName("Config")]
    public ContainerConfigInspect? Config { get; init; }

    [JsonPropertyName("State")]
    public ContainerStateInspect? State { get; init; }

    [JsonPropertyName("Mounts")]
    public IReadOnlyList<MountInspect>? Mounts { get; init; }

    /// <summary>As it was created.</summary>
    [JsonPropertyName("HostConfig")]
    public JsonElement? HostConfig { get; init; }
}

/// <summary>What the user asked for at create.</summary>
public sealed record ContainerConfigInspect
{
    /// <summary>The user's text: informational, never proof.</summary>
    [JsonPropertyName("Image")]
    public string? Image { get; init; }
}

/// <summary>Whether and since when a container runs.</summary>
public sealed record ContainerStateInspect
{
    [JsonPropertyName("Running")]
    public bool Running { get; init; }

    /// <summary>RFC 3339 with nanoseconds.</summary>
    [JsonPropertyName("StartedAt")]
    public string? StartedAt { get; init; }
}

/// <summary>A mount of a container.</summary>
public sealed record MountInspect
{
    [JsonPropertyName("Type")]
    public string? Type { get; init; }

    /// <summary>The volume's name.</summary>
    [JsonPropertyName("Name")]
    public string? Name { get; init; }

    [JsonPropertyName("Source")]
    public string? Source { get; init; }

    [JsonPropertyName("RW")]
    public bool Writable { get; init; }
}

/// <summary>The members that are used of <c>GET /containers/json</c>.</summary>
public sealed record ContainerSummary
{
    [JsonPropertyName("Id")]
    public string? Id { get; init; }
}

/// <summary>The members that are used of <c>GET /plugins/{name}/json</c>.</summary>
public sealed record PluginInspect
{
    [JsonPropertyName("Id")]
    public string? Id { get; init; }

    [JsonPropertyName("Name")]
    public string? Name { get; init; }

    [JsonPropertyName("PluginReference")]
    public string? PluginReference { get; init; }
}

/// <summary>The members that are used of <c>GET /info</c>.</summary>
public sealed record EngineInfo
{
    /// <summary>The engine's own id; approvals are bound to it.</summary>
    [JsonPropertyName("ID")]
    public string? Id { get; init; }

    [JsonPropertyName("Driver")]
    public string? Driver { get; init; }

    /// <summary>Pairs; <c>driver-type = io.containerd.snapshotter.v1</c> marks the containerd store.</summary>
    [JsonPropertyName("DriverStatus")]
    public IReadOnlyList<IReadOnlyList<string>>? DriverStatus { get; init; }

    [JsonPropertyName("ServerVersion")]
    public string? ServerVersion { get; init; }

    [JsonPropertyName("SecurityOptions")]
    public IReadOnlyList<string>? SecurityOptions { get; init; }

    [JsonPropertyName("DockerRootDir")]
    public string? DockerRootDir { get; init; }

    [JsonPropertyName("DefaultRuntime")]
    public string? DefaultRuntime { get; init; }

    [JsonPropertyName("Swarm")]
    public SwarmInfo? Swarm { get; init; }

    /// <summary>Since API 1.46.</summary>
    [JsonPropertyName("Containerd")]
    public ContainerdInfo? Containerd { get; init; }
}

/// <summary>How the engine reaches containerd.</summary>
public sealed record ContainerdInfo
{
    [JsonPropertyName("Address")]
    public string? Address { get; init; }
}

/// <summary>This engine's place in a swarm.</summary>
public sealed record SwarmInfo
{
    /// <summary><c>inactive</c>, <c>pending</c>, <c>active</c>, <c>error</c> or <c>locked</c>.</summary>
    [JsonPropertyName("LocalNodeState")]
    public string? LocalNodeState { get; init; }
}

/// <summary>The members that are used of an event (<c>GET /events</c>, Engine API 1.24–1.55).</summary>
public sealed record EventMessage
{
    [JsonPropertyName("Action")]
    public string? Action { get; init; }

    [JsonPropertyName("Actor")]
    public EventActor? Actor { get; init; }
}

/// <summary>What an event is about.</summary>
public sealed record EventActor
{
    [JsonPropertyName("ID")]
    public string? Id { get; init; }
}

/// <summary>The members that are used of <c>GET /version</c>.</summary>
public sealed record EngineVersion
{
    [JsonPropertyName("Version")]
    public string? Version { get; init; }

    [JsonPropertyName("ApiVersion")]
    public string? ApiVersion { get; init; }
}

/// <summary>The members that are used of <c>GET /distribution/{name}/json</c>.</summary>
public sealed record DistributionInspect
{
    [JsonPropertyName("Descriptor")]
    public DescriptorInspect? Descriptor { get; init; }
}

/// <summary>The body of every error of the engine.</summary>
public sealed record EngineError
{
    [JsonPropertyName("message")]
    public string? Message { get; init; }
}

/// <summary>The answer to <c>POST /containers/create</c>.</summary>
public sealed record ContainerCreated
{
    [JsonPropertyName("Id")]
    public string? Id { get; init; }
}

[JsonSourceGenerationOptions(MaxDepth = 64)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ImageInspect))]
[JsonSerializable(typeof(ContainerInspect))]
[JsonSerializable(typeof(IReadOnlyList<ImageInspect>))]
[JsonSerializable(typeof(IReadOnlyList<ContainerSummary>))]
[JsonSerializable(typeof(PluginInspect))]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(EventMessage))]
[JsonSerializable(typeof(EngineVersion))]
[JsonSerializable(typeof(DistributionInspect))]
[JsonSerializable(typeof(EngineError))]
[JsonSerializable(typeof(ContainerCreated))]
internal sealed partial class EngineJson : JsonSerializerContext;
