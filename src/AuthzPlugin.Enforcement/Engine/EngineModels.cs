using System.Globalization;
using System.Text.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>Where the engine keeps images: it decides what an image id means (decisions.md, "Words").</summary>
public enum ImageStoreKind
{
    /// <summary>Graph drivers: the id is the config digest.</summary>
    Classic,

    /// <summary>containerd snapshotters: the id is the digest of the manifest or index.</summary>
    Containerd,
}

/// <summary>An image that the engine has.</summary>
/// <param name="Id">The immutable image id.</param>
/// <param name="Store">The store that the id belongs to.</param>
/// <param name="RepoTags">Names; they prove nothing.</param>
/// <param name="RepoDigests">With the classic store written by the engine from verified pulls and pushes; forgeable with the containerd store.</param>
public sealed record EngineImage(
    Digest Id,
    ImageStoreKind Store,
    IReadOnlyList<string> RepoTags,
    IReadOnlyList<string> RepoDigests);

/// <summary>A container that the engine has.</summary>
/// <param name="Id">64 lower-case hex digits.</param>
/// <param name="ImageId">The immutable image id; null for a container without an image.</param>
/// <param name="ConfiguredImage">The user's text at create.</param>
/// <param name="HasImageMounts">A mount of type <c>image</c> is among its mounts.</param>
/// <param name="StartedAt">When it last started; null when never.</param>
public sealed record EngineContainer(
    string Id,
    string Name,
    Digest? ImageId,
    string? ConfiguredImage,
    bool HasImageMounts,
    bool Running,
    DateTimeOffset? StartedAt)
{
    /// <summary>What it was created with, as the API has it; null when the engine shows none.</summary>
    public JsonElement? HostConfig { get; init; }

    /// <summary>What is mounted, that of other containers (<c>VolumesFrom</c>) included.</summary>
    public IReadOnlyList<EngineMount> Mounts { get; init; } = [];
}

/// <summary>A mount of a container.</summary>
/// <param name="Type"><c>bind</c>, <c>volume</c>, <c>tmpfs</c>, <c>image</c>, …</param>
/// <param name="Name">Of a volume; empty otherwise.</param>
/// <param name="Source">Path on the host.</param>
public sealed record EngineMount(string Type, string Name, string Source, bool Writable);

/// <summary>A managed plugin that the engine has.</summary>
/// <param name="Name">Local name with tag.</param>
/// <param name="Reference">What it was pulled as: the engine verified the digest in it. Empty for one made here.</param>
public sealed record EnginePlugin(string Id, string Name, string Reference);

/// <summary>What identifies this engine and its image store.</summary>
/// <param name="EngineId">The engine's own id.</param>
public sealed record EngineIdentity(string EngineId, ImageStoreKind Store, string ServerVersion)
{
    /// <summary>Where images, containers and volumes are kept; empty when the engine does not tell.</summary>
    public string DataRoot { get; init; } = "";

    /// <summary>The OCI runtime of containers that name none.</summary>
    public string DefaultRuntime { get; init; } = "runc";

    /// <summary>
    /// With the containerd store, engines before 28 take a container's root file system by a second look at the name, after its image id is
    /// fixed: a tag moved between ran unsigned content under the signed id (done on 26.1.5, 3 of 250 tries).
    /// </summary>
    public bool ResolvesTagsTwice =>
        Store == ImageStoreKind.Containerd
        && (!int.TryParse(ServerVersion.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < 28);

    /// <summary>containerd's socket; empty when the engine does not tell (before 27).</summary>
    public string ContainerdAddress { get; init; } = "";
}
