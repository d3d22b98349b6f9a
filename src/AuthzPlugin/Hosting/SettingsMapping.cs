using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Hosting;

/// <summary>Which setting becomes which option of the parts.</summary>
internal static class SettingsMapping
{
    public static AuthorizationOptions Authorization(ServiceSettings settings) =>
        new(settings.DecisionTimeout)
        {
            MaxConcurrentDecisions = settings.MaxConcurrentDecisions,
            RefuseUnrecorded = settings.AuditOnFailure == AuditFailure.Refuse,
        };

    public static EngineOptions Engine(ServiceSettings settings) =>
        new(settings.EngineTimeout, checked((int)settings.MaxEngineAnswerSize));

    public static AuditOptions Audit(ServiceSettings settings) => new(settings.AuditFile)
    {
        MaxBytes = settings.AuditMaxSize,
        Keep = settings.AuditKeep,
        Flush = settings.AuditFlush,
        HeadFile = Path.Combine(settings.StateDir, "audit-head"),
    };

    /// <summary>What no container may reach of this service: sockets, state, records, configuration, program.</summary>
    public static IEnumerable<string> OwnPaths(ServiceSettings settings) =>
    [
        settings.Socket, settings.AdminSocket, settings.EngineSocket,
        .. settings.GateSocket.Length > 0 ? [settings.GateSocket] : Array.Empty<string>(), settings.DaemonConfig, settings.PolicyFile, settings.CertsDir,
        settings.StateDir, settings.AuditFile, settings.CredentialsFile, SettingsSources.DefaultFile, AppContext.BaseDirectory,
        .. settings.MetricsListen.StartsWith('/') ? [settings.MetricsListen] : Array.Empty<string>(),
    ];

    public static RevocationOptions Revocation(ServiceSettings settings) => new() { Directory = Path.Combine(settings.StateDir, "revocation") };

    public static TrustDataOptions TrustData(ServiceSettings settings) => new()
    {
        CacheDirectory = Path.Combine(settings.StateDir, "trust"),
        CertificatesDirectory = settings.CertsDir,
        CredentialsFile = settings.CredentialsFile,
        TokenRealms = settings.TokenRealms,
        Proxy = settings.Proxy,
        ConnectTimeout = settings.TrustServerConnectTimeout,
        RequestTimeout = settings.TrustServerRequestTimeout,
        UpdateTimeout = settings.TrustServerUpdateTimeout,
        FailureMemory = settings.NegativeCache,
        BackOffFirst = settings.TrustServerRetry,
        BackOffMaximum = settings.TrustServerRetryMax,
        UpdatesPerServer = settings.MaxRequestsPerTrustServer,
        CacheBytes = settings.MaxCacheSize,
        MemoryBytes = settings.MaxCacheMemory,
        Metadata = new MetadataLimits
        {
            RootBytes = checked((int)settings.MaxRootSize),
            TimestampBytes = checked((int)settings.MaxTimestampSize),
            SnapshotBytes = checked((int)settings.MaxMetadataSize),
            TargetsBytes = checked((int)settings.MaxMetadataSize),
            RootRotations = settings.MaxRootRotations,
            Delegations = settings.MaxDelegations,
        },
    };
}
