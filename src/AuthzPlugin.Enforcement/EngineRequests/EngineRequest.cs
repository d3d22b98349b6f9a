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

/// <summary>The policy keys that open whole groups of requests (<c>builds</c>, <c>plugins</c>, <c>swarm</c>; services).</summary>
public enum Gate
{
    /// <summary>Classic builds, BuildKit sessions: FROM images are never visible to a plugin.</summary>
    Builds,

    /// <summary>Managed plugins: image content that runs with the engine's rights.</summary>
    Plugins,

    /// <summary>Joining, leading or unlocking a swarm, and reading its join tokens.</summary>
    Swarm,

    /// <summary>Services: what they start is pulled and started elsewhere, without a question.</summary>
    Services,
}

/// <summary>
/// A request that only a policy can allow as a whole. Its query and the visibility of its body were checked (R3–R5),
/// its body was not read: a policy that opens <paramref name="Gate"/> must read the body before it relies on it.
/// </summary>
/// <param name="Message">The whole sentence for the user when the gate is closed.</param>
public sealed record PolicyGatedRequest(string Endpoint, Gate Gate, string Message) : EngineRequest(Endpoint);

/// <summary>A request that reading alone refuses.</summary>
/// <param name="Message">The whole sentence for the user, as decisions.md has messages.</param>
public sealed record RefusedRequest(string Endpoint, ReasonCode Reason, string Message) : EngineRequest(Endpoint);
