using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>What a stanza says, while it is being read. Null means that the key was absent or not legal.</summary>
internal sealed class PolicyDraft
{
    public EnforcementMode? Mode { get; set; }

    public PinningDraft Pinning { get; } = new();

    public bool? AllowExpired { get; set; }

    public List<KeyValuePair<string, Uri>> TrustServers { get; } = [];

    public List<SignaturePolicy> Signatures { get; } = [];

    public TimeSpan? SignatureCache { get; set; }

    public TimeSpan? Freshness { get; set; }

    public TimeSpan? MaxStale { get; set; }

    public TimeSpan? DeletedGrace { get; set; }

    public StartCheck? StartCheck { get; set; }

    public RunningAnswer? Running { get; set; }

    public PolicyAnswer? HostAccess { get; set; }

    public IReadOnlyList<string> HostAccessFor { get; set; } = [];

    public PolicyAnswer? Builds { get; set; }

    public bool RemoteContexts { get; set; }

    public bool CacheFrom { get; set; }

    public bool OciLayouts { get; set; }

    public PolicyAnswer? LocalBuilds { get; set; }

    public PolicyAnswer? Plugins { get; set; }

    public PolicyAnswer? Swarm { get; set; }

    public PolicyAnswer? Imports { get; set; }

    public PolicyAnswer? ContainerChanges { get; set; }

    public IReadOnlyList<ExceptionRule> Exceptions { get; set; } = [];

    public static PolicyDraft Read(ConfigNode stanza, Findings findings)
    {
        var draft = new PolicyDraft();
        ConfigObject.Read(stanza, PolicyKeys.All, draft, findings, PolicyKeys.ExplainUnknown);
        if (stanza.Kind == ConfigKind.Object && stanza.Members.TrueForAll(m => m.Name != PolicyKeys.Mode))
        {
            findings.Problem(stanza.PathOf(PolicyKeys.Mode), "no mode", PolicyKeys.ModeWords, "add \"mode\": \"enforced\"");
        }

        PolicyAdvice.Give(draft, stanza, findings);
        return draft;
    }

    /// <summary>Of the stanza's bytes and of what stands in other files: a changed key is another policy.</summary>
    public string Fingerprint(ReadOnlySpan<byte> stanza)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(stanza);
        foreach (var demand in Signatures.SelectMany(s => s.Demands))
        {
            hash.AppendData(Encoding.ASCII.GetBytes(demand.Fingerprint));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Only for a draft without problems; absent keys get the defaults of <see cref="TrustPolicy"/>.</summary>
    public TrustPolicy ToPolicy(string source, string fingerprint)
    {
        var defaults = TrustPolicy.WithoutStanza;
        return new TrustPolicy
        {
            Mode = Mode!.Value,
            Pins = new RootPins(Pinning.EffectivePins()),
            TrustServers = new TrustServers(TrustServers),
            Signatures = new SignaturePolicies(Signatures),
            SignatureCache = SignatureCache ?? defaults.SignatureCache,
            AllowExpiredCachedTrustData = AllowExpired ?? defaults.AllowExpiredCachedTrustData,
            Freshness = Freshness ?? defaults.Freshness,
            MaxStale = MaxStale ?? defaults.MaxStale,
            DeletedGrace = DeletedGrace ?? defaults.DeletedGrace,
            StartCheck = StartCheck ?? defaults.StartCheck,
            Running = Running ?? defaults.Running,
            HostAccess = HostAccess ?? defaults.HostAccess,
            HostAccessFor = new RepositoryList(HostAccessFor),
            Builds = Builds ?? defaults.Builds,
            RemoteContexts = RemoteContexts,
            CacheFrom = CacheFrom,
            OciLayouts = OciLayouts,
            LocalBuilds = LocalBuilds ?? defaults.LocalBuilds,
            Plugins = Plugins ?? defaults.Plugins,
            Swarm = Swarm ?? defaults.Swarm,
            Imports = Imports ?? defaults.Imports,
            ContainerChanges = ContainerChanges ?? defaults.ContainerChanges,
            Exceptions = new ExceptionList(Exceptions),
            Source = source,
            Fingerprint = fingerprint,
        };
    }
}
