using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// An API request as far as images are concerned: one of the records below. Reading never decides about trust;
/// it says what is asked, or refuses what cannot be read with certainty (rules R1–R6 of engine-authz.md).
/// </summary>
/// <param name="Endpoint">The table's name of the endpoint, such as <c>POST /containers/create</c>, for records and messages.</param>
public abstract record EngineRequest(string Endpoint);

/// <summary>Something that changes nothing (GET, HEAD, OPTIONS): allowed at once.</summary>
public sealed record ReadRequest(string Endpoint) : EngineRequest(Endpoint);

/// <summary>A known request that starts no image (exec, stop, networks, tag, load …): allowed.</summary>
public sealed record NoImageRequest(string Endpoint) : EngineRequest(Endpoint);

/// <summary>Pull one image by tag or digest. <paramref name="Image"/> is what the engine will pull.</summary>
public sealed record PullRequest(string Endpoint, NamedReference Image) : EngineRequest(Endpoint);

/// <summary>Create a container from an image.</summary>
/// <param name="ImageText">The reference exactly as in the body.</param>
/// <param name="ImageMounts">Sources of mounts of type <c>image</c>, as in the body, in order.</param>
public sealed record CreateRequest(string Endpoint, string ImageText, ImageReference Image, IReadOnlyList<ImageReference> ImageMounts)
    : EngineRequest(Endpoint)
{
    /// <summary>What of the host the container would get at.</summary>
    public IReadOnlyList<HostDemand> HostAccess { get; init; } = [];
}

/// <summary>An exec, a container update or a new volume that may give access to the host.</summary>
/// <param name="Container">The container as in the path; null for a volume.</param>
/// <param name="HostAccess">At least one.</param>
public sealed record HostAccessRequest(string Endpoint, string? Container, IReadOnlyList<HostDemand> HostAccess) : EngineRequest(Endpoint);

/// <summary>What a start-like request does.</summary>
public enum StartKind
{
    Start,
    Restart,
    Unpause,
}

/// <summary>Let a container run.</summary>
/// <param name="Container">Name, id or id prefix exactly as in the path (decoded).</param>
public sealed record StartRequest(string Endpoint, StartKind Kind, string Container) : EngineRequest(Endpoint);

/// <summary>Requests that can change which container a name means.</summary>
public enum NameChange
{
    Rename,
    Remove,
    Prune,
}

/// <summary>Give a container another name, remove it, or prune containers.</summary>
/// <param name="Container">The container as in the path; null for prune.</param>
/// <param name="NewName">For a rename.</param>
public sealed record NameChangeRequest(string Endpoint, NameChange Kind, string? Container, string? NewName) : EngineRequest(Endpoint);

/// <summary>A container update that sets a restart policy: the engine may start the container later without asking.</summary>
public sealed record RestartPolicyRequest(string Endpoint, string Container) : EngineRequest(Endpoint)
{
    /// <summary>What of the host the same update would give the container.</summary>
    public IReadOnlyList<HostDemand> HostAccess { get; init; } = [];
}

/// <summary>What a request does to images or files without starting anything.</summary>
public enum ContentChange
{
    /// <summary>Tag, push, remove, prune: names prove nothing here.</summary>
    Names,

    /// <summary>Load, import, commit: content that no registry serves.</summary>
    Imports,

    /// <summary>Puts files into a container.</summary>
    ContainerFiles,
}

/// <summary>Changes images or files: allowed unless the policy refuses its kind, and recorded.</summary>
/// <param name="Container">The container as in the path; null when there is none.</param>
public sealed record ContentRequest(string Endpoint, ContentChange Kind, string? Container) : EngineRequest(Endpoint);

/// <summary>The policy keys that open whole groups of requests.</summary>
public enum Gate
{
    /// <summary>Classic builds, BuildKit sessions: FROM images are never visible to a plugin.</summary>
    Builds,

    /// <summary>Settings of managed plugins.</summary>
    Plugins,

    /// <summary>Joining, leading or unlocking a swarm, and reading its join tokens.</summary>
    Swarm,
}

/// <summary>
/// A request that only a policy can allow, and then as a whole. Its query and the visibility of its body were checked (R3–R5),
/// its body was not read.
/// </summary>
/// <param name="Message">The whole sentence for the user when the gate is closed.</param>
public sealed record PolicyGatedRequest(string Endpoint, Gate Gate, string Message) : EngineRequest(Endpoint)
{
    /// <summary>A build whose base images were decided by the build gate.</summary>
    public bool Inspected { get; init; }
}

/// <summary>Pull a managed plugin or upgrade one.</summary>
/// <param name="Remote">What the engine will pull.</param>
/// <param name="Name">The local name that the plugin will have.</param>
public sealed record PluginInstallRequest(string Endpoint, NamedReference Remote, string Name) : EngineRequest(Endpoint);

/// <summary>What is done to a managed plugin that the engine has.</summary>
public enum PluginChange
{
    Enable,
    Disable,
    Remove,
}

/// <summary>Let a managed plugin run, stop it, or remove it.</summary>
/// <param name="Plugin">Name, id or id prefix as in the path.</param>
public sealed record PluginChangeRequest(string Endpoint, PluginChange Kind, string Plugin) : EngineRequest(Endpoint);

/// <summary>Create or change a service.</summary>
/// <param name="Service">Id or name as in the path; null for a create.</param>
/// <param name="Version">The version that the update is meant for, as in the query.</param>
/// <param name="Spec">What it will run; null for a return to the previous specification.</param>
public sealed record ServiceRequest(string Endpoint, string? Service, string Version, ServiceSpec? Spec) : EngineRequest(Endpoint);

/// <summary>What a service runs, as far as images and the host are concerned.</summary>
/// <param name="ImageText">The reference exactly as in the body.</param>
/// <param name="RollsBack">A failed update returns to the specification before it by itself.</param>
public sealed record ServiceSpec(
    string ImageText, IReadOnlyList<ImageReference> ImageMounts, IReadOnlyList<HostDemand> HostAccess, bool RollsBack);

/// <summary>A request that reading alone refuses.</summary>
/// <param name="Message">The whole sentence for the user, as decisions.md has messages.</param>
public sealed record RefusedRequest(string Endpoint, ReasonCode Reason, string Message) : EngineRequest(Endpoint);
