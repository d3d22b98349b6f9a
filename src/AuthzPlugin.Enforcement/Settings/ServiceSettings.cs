namespace AuthzPlugin.Enforcement.Settings;

/// <summary>What to do when an audit record cannot be written.</summary>
public enum AuditFailure
{
    /// <summary>The request is refused (<c>refuse</c>).</summary>
    Refuse,

    /// <summary>It is allowed and the loss is logged (<c>allow</c>).</summary>
    Allow,
}

/// <summary>Which audit records go somewhere else as well.</summary>
public enum AuditForwarding
{
    /// <summary>None (<c>off</c>).</summary>
    Off,

    /// <summary>What was refused, would have been, or was stopped (<c>refusals</c>).</summary>
    Refusals,

    /// <summary>All (<c>all</c>).</summary>
    All,
}

/// <summary>
/// Everything an administrator can set that is not policy: where things are, how long to wait, how much to accept.
/// Read once at the start. The values written here are the defaults; docs/configuration.md describes each.
/// </summary>
public sealed record ServiceSettings
{
    /// <summary>The plugin's socket, where dockerd looks for it.</summary>
    public string Socket { get; init; } = "/run/docker/plugins/content-trust.sock";

    /// <summary>The socket of <c>status</c> and the root-only commands.</summary>
    public string AdminSocket { get; init; } = "/run/content-trust/admin.sock";

    /// <summary>The gate's socket, where clients look for the engine; empty: no gate, unless systemd passes its socket.</summary>
    public string GateSocket { get; init; } = "";

    /// <summary>The engine's API; with a gate the engine's private socket behind it.</summary>
    public string EngineSocket { get; init; } = "/run/docker.sock";

    /// <summary>The engine's configuration, first place of the policy.</summary>
    public string DaemonConfig { get; init; } = "/etc/docker/daemon.json";

    /// <summary>The file that holds the policy alone, last place of it.</summary>
    public string PolicyFile { get; init; } = "/etc/docker/content-trust.json";

    /// <summary>CAs and client certificates, a folder for each host.</summary>
    public string CertsDir { get; init; } = "/etc/docker/certs.d";

    /// <summary>Trust cache, version memory and approvals.</summary>
    public string StateDir { get; init; } = "/var/lib/content-trust";

    public string AuditFile { get; init; } = "/var/log/content-trust/audit.log";

    /// <summary>The audit log's file is put aside when it has so many bytes.</summary>
    public long AuditMaxSize { get; init; } = 100 * Mebibyte;

    /// <summary>How many files that were put aside are kept.</summary>
    public int AuditKeep { get; init; } = 10;

    /// <summary>Audit records are on the disk so soon after the answer; zero: before it.</summary>
    public TimeSpan AuditFlush { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What happens in enforced mode to a trusted request whose record cannot be written.</summary>
    public AuditFailure AuditOnFailure { get; init; } = AuditFailure.Refuse;

    /// <summary>Which audit records go to journald as well.</summary>
    public AuditForwarding AuditJournald { get; init; } = AuditForwarding.Off;

    /// <summary>The socket of a syslog daemon that gets every audit record as well; empty: none.</summary>
    public string AuditSyslog { get; init; } = "";

    /// <summary>A Docker <c>config.json</c> with logins for trust servers and registries.</summary>
    public string CredentialsFile { get; init; } = "/etc/content-trust/docker-config.json";

    /// <summary>Hosts (with a port that is not 443) that may be given credentials as token servers, besides a server's own.</summary>
    public IReadOnlyList<string> TokenRealms { get; init; } = [];

    /// <summary>Proxy for trust servers; null: HTTPS_PROXY and NO_PROXY of the process. May hold a login: never print it.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Where metrics can be read: path of a Unix socket, or loopback address and port; empty: nowhere.</summary>
    public string MetricsListen { get; init; } = "";

    /// <summary>The collector that metrics are sent to; null: none.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>How often they are sent.</summary>
    public TimeSpan OtlpInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time budget of one decision, from the engine's question to the answer.</summary>
    public TimeSpan DecisionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for one answer of the engine.</summary>
    public TimeSpan EngineTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest wait for a connection to a trust server, TLS included.</summary>
    public TimeSpan TrustServerConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest wait for one whole answer of a trust server.</summary>
    public TimeSpan TrustServerRequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for one update of a repository's trust data, all its requests together.</summary>
    public TimeSpan TrustServerUpdateTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long an unreachable trust server is left alone the first time; doubled each time after.</summary>
    public TimeSpan TrustServerRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the doubling ends.</summary>
    public TimeSpan TrustServerRetryMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a failure to get a repository's trust data answers further questions about it.</summary>
    public TimeSpan NegativeCache { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Largest authorization message from the engine, in bytes.</summary>
    public long MaxMessageSize { get; init; } = 16 * Mebibyte;

    /// <summary>Largest answer of the engine to the plugin's own questions, in bytes.</summary>
    public long MaxEngineAnswerSize { get; init; } = 32 * Mebibyte;

    /// <summary>Largest <c>timestamp.json</c>, in bytes.</summary>
    public long MaxTimestampSize { get; init; } = Mebibyte;

    /// <summary>Largest <c>root.json</c>, in bytes.</summary>
    public long MaxRootSize { get; init; } = 5 * Mebibyte;

    /// <summary>Largest snapshot, targets or delegation metadata, in bytes, whatever length the parent signed.</summary>
    public long MaxMetadataSize { get; init; } = 64 * Mebibyte;

    /// <summary>Most root versions that one update walks through.</summary>
    public int MaxRootRotations { get; init; } = 256;

    /// <summary>Most delegation roles read for a repository.</summary>
    public int MaxDelegations { get; init; } = 512;

    /// <summary>Most requests to one trust server at the same time.</summary>
    public int MaxRequestsPerTrustServer { get; init; } = 8;

    /// <summary>Most image decisions at the same time; starts with an approval do not count.</summary>
    public int MaxConcurrentDecisions { get; init; } = 64;

    /// <summary>All cached trust data on disk, in bytes; the least recently used goes first, what versions were seen stays.</summary>
    public long MaxCacheSize { get; init; } = 512 * Mebibyte;

    /// <summary>Trust data that is kept verified in memory, in bytes of its files.</summary>
    public long MaxCacheMemory { get; init; } = 64 * Mebibyte;

    /// <summary>Most approvals; a full store refuses new containers.</summary>
    public int MaxApprovals { get; init; } = 100_000;

    private const long Mebibyte = 1024 * 1024;

    /// <summary>As a settings file, without the login of a proxy: a record's own text would show it.</summary>
    public override string ToString()
    {
        using var text = new StringWriter();
        SettingsLoader.Write(text, this);
        return text.ToString();
    }
}
