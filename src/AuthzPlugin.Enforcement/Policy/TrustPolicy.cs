using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What the plugin does with a decision.</summary>
public enum EnforcementMode
{
    /// <summary>Nothing is asked; every request passes.</summary>
    Disabled,

    /// <summary>Decisions are taken and recorded (<c>would-deny</c>); every request passes.</summary>
    Permissive,

    /// <summary>Only trusted images pass.</summary>
    Enforced,
}

/// <summary>How a start is decided.</summary>
public enum StartCheck
{
    /// <summary>A valid approval from the container's creation is enough (<c>approval</c>).</summary>
    Approval,

    /// <summary>Every start decides the image afresh (<c>reverify</c>).</summary>
    Reverify,
}

/// <summary>What happens to a container that the engine started unasked and that would be refused.</summary>
public enum RunningAnswer
{
    /// <summary>It is reported (<c>report</c>).</summary>
    Report,

    /// <summary>It is reported and stopped (<c>stop</c>).</summary>
    Stop,
}

/// <summary>What the policy says about a group of requests.</summary>
public enum PolicyAnswer
{
    /// <summary>They are refused (<c>refuse</c>).</summary>
    Refuse,

    /// <summary>They are allowed, under the conditions that the group has (<c>allow</c>).</summary>
    Allow,

    /// <summary>They are allowed when they come through the gate, which sees what they begin from (<c>gate</c>); builds only.</summary>
    Gate,
}

/// <summary>
/// The policy as it is in force: an immutable snapshot. A request reads one snapshot from beginning to end.
/// Defaults are those of the configuration reference.
/// </summary>
public sealed record TrustPolicy
{
    /// <summary>What holds when no file has a stanza: nothing is asked. Also the source of every default.</summary>
    public static TrustPolicy WithoutStanza { get; } = new()
    {
        Mode = EnforcementMode.Disabled,
        Pins = new RootPins([]),
        TrustServers = new TrustServers([]),
        Fingerprint = new string('0', 64),
    };

    public required EnforcementMode Mode { get; init; }

    /// <summary>The mode is permissive because an administrator opened it for a time; nothing that happens meanwhile is an approval.</summary>
    public bool BreakGlass { get; init; }

    /// <summary>Which root keys may speak for which repositories.</summary>
    public required RootPins Pins { get; init; }

    /// <summary>Which trust server holds the data of which repository.</summary>
    public required TrustServers TrustServers { get; init; }

    /// <summary>What must have signed which repositories; those that are not here need Notary v1.</summary>
    public SignaturePolicies Signatures { get; init; } = SignaturePolicies.None;

    /// <summary>How long a verified signature counts without asking the registry again; zero asks every time.</summary>
    public TimeSpan SignatureCache { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Expired cached data may answer while the server is unreachable.</summary>
    public bool AllowExpiredCachedTrustData { get; init; }

    /// <summary>How long a timestamp that was checked with the server counts as fresh; zero asks every time.</summary>
    public TimeSpan Freshness { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long unexpired cached data answers while the server is unreachable.</summary>
    public TimeSpan MaxStale { get; init; } = TimeSpan.FromHours(72);

    /// <summary>How long a 404 for a repository that we know may be a mistake of its server.</summary>
    public TimeSpan DeletedGrace { get; init; } = TimeSpan.FromHours(1);

    public StartCheck StartCheck { get; init; } = StartCheck.Approval;

    /// <summary>What the engine started unasked.</summary>
    public RunningAnswer Running { get; init; } = RunningAnswer.Report;

    /// <summary>Containers and volumes that give access to the host.</summary>
    public PolicyAnswer HostAccess { get; init; } = PolicyAnswer.Refuse;

    /// <summary>Repositories whose trusted images may have access to the host although others may not.</summary>
    public RepositoryList HostAccessFor { get; init; } = RepositoryList.Empty;

    /// <summary>Image builds, classic and BuildKit.</summary>
    public PolicyAnswer Builds { get; init; } = PolicyAnswer.Refuse;

    /// <summary>Builds through the gate whose context the engine fetches itself, unseen (<c>builds-allow</c>: <c>remote</c>).</summary>
    public bool RemoteContexts { get; init; }

    /// <summary>Builds through the gate that take layers from images of the caller's choice (<c>builds-allow</c>: <c>cache-from</c>).</summary>
    public bool CacheFrom { get; init; }

    /// <summary>BuildKit builds through the gate that read images from folders of the caller (<c>builds-allow</c>: <c>oci-layout</c>).</summary>
    public bool OciLayouts { get; init; }

    /// <summary>Whether images that the gate saw built from signed images only may start.</summary>
    public PolicyAnswer LocalBuilds { get; init; } = PolicyAnswer.Refuse;

    /// <summary>Managed plugins.</summary>
    public PolicyAnswer Plugins { get; init; } = PolicyAnswer.Refuse;

    /// <summary>Joining, leading and unlocking a swarm.</summary>
    public PolicyAnswer Swarm { get; init; } = PolicyAnswer.Refuse;

    /// <summary>Load, import and commit.</summary>
    public PolicyAnswer Imports { get; init; } = PolicyAnswer.Allow;

    /// <summary>Files put into containers that never ran.</summary>
    public PolicyAnswer ContainerChanges { get; init; } = PolicyAnswer.Allow;

    /// <summary>What may run without a signature, for a time.</summary>
    public ExceptionList Exceptions { get; init; } = ExceptionList.Empty;

    /// <summary>Whether the policy says at all who may sign a repository.</summary>
    public bool Covers(RepositoryName repository) => Signatures.Match(repository) is not null || Pins.Match(repository) is not null;

    /// <summary>The file the policy was read from, and the JSON path of the stanza in it; null when there is no stanza.</summary>
    public string? Source { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the stanza's bytes and, where it names files of keys, of those keys; all zeros when there is none.</summary>
    public required string Fingerprint { get; init; }
}
