using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>
/// The table of settings, in the order of the file. A new setting is a property of <see cref="ServiceSettings"/> and a row here
/// (tests compare this table with config/settings.json and docs/configuration.md).
/// </summary>
internal static class SettingKeys
{
    public static IReadOnlyList<SettingKey> All { get; } =
    [
        Socket("socket", s => s.Socket, (s, v) => s with { Socket = v }),
        Socket("admin-socket", s => s.AdminSocket, (s, v) => s with { AdminSocket = v }),
        SettingKey.Text("gate-socket", SettingValues.ReadOptionalSocketPath, s => s.GateSocket, (s, v) => s with { GateSocket = v }, v => v),
        Socket("engine-socket", s => s.EngineSocket, (s, v) => s with { EngineSocket = v }),
        Path("daemon-config", s => s.DaemonConfig, (s, v) => s with { DaemonConfig = v }),
        Path("policy-file", s => s.PolicyFile, (s, v) => s with { PolicyFile = v }),
        Path("certs-dir", s => s.CertsDir, (s, v) => s with { CertsDir = v }),
        Path("state-dir", s => s.StateDir, (s, v) => s with { StateDir = v }),
        Path("audit-file", s => s.AuditFile, (s, v) => s with { AuditFile = v }),
        Size("audit-max-size", "1MiB", "102400MiB", s => s.AuditMaxSize, (s, v) => s with { AuditMaxSize = v }),
        SettingKey.Count("audit-keep", 1, 999, s => s.AuditKeep, (s, v) => s with { AuditKeep = v }),
        Time("audit-flush", "0s", "1m", s => s.AuditFlush, (s, v) => s with { AuditFlush = v }),
        Word("audit-on-failure", s => s.AuditOnFailure, (s, v) => s with { AuditOnFailure = v }),
        Word("audit-journald", s => s.AuditJournald, (s, v) => s with { AuditJournald = v }),
        SettingKey.Text("audit-syslog", SettingValues.ReadOptionalSocketPath, s => s.AuditSyslog, (s, v) => s with { AuditSyslog = v }, v => v),
        Path("credentials-file", s => s.CredentialsFile, (s, v) => s with { CredentialsFile = v }),
        SettingKey.List("token-realms", SettingValues.ReadHosts, s => s.TokenRealms, (s, v) => s with { TokenRealms = v }),
        SettingKey.Text("proxy", SettingValues.ReadProxy, s => s.Proxy, (s, v) => s with { Proxy = v }, ShowProxy),
        SettingKey.Text("metrics-listen", MetricsAddress.Read, s => s.MetricsListen, (s, v) => s with { MetricsListen = v }, v => v),
        SettingKey.Text(
            "otlp-endpoint", SettingValues.ReadCollector, s => s.OtlpEndpoint, (s, v) => s with { OtlpEndpoint = v }, v => v?.OriginalString ?? ""),
        Time("otlp-interval", "1s", "1h", s => s.OtlpInterval, (s, v) => s with { OtlpInterval = v }),

        Time("decision-timeout", "1s", "5m", s => s.DecisionTimeout, (s, v) => s with { DecisionTimeout = v }),
        Time("engine-timeout", "100ms", "1m", s => s.EngineTimeout, (s, v) => s with { EngineTimeout = v }),
        Time("trust-server-connect-timeout", "100ms", "1m", s => s.TrustServerConnectTimeout, (s, v) => s with { TrustServerConnectTimeout = v }),
        Time("trust-server-request-timeout", "100ms", "1m", s => s.TrustServerRequestTimeout, (s, v) => s with { TrustServerRequestTimeout = v }),
        Time("trust-server-update-timeout", "100ms", "5m", s => s.TrustServerUpdateTimeout, (s, v) => s with { TrustServerUpdateTimeout = v }),
        Time("trust-server-retry", "1s", "1h", s => s.TrustServerRetry, (s, v) => s with { TrustServerRetry = v }),
        Time("trust-server-retry-max", "1s", "1h", s => s.TrustServerRetryMax, (s, v) => s with { TrustServerRetryMax = v }),
        Time("negative-cache", "100ms", "5m", s => s.NegativeCache, (s, v) => s with { NegativeCache = v }),

        Size("max-message-size", "8MiB", "512MiB", s => s.MaxMessageSize, (s, v) => s with { MaxMessageSize = v }),
        Size("max-engine-answer-size", "1MiB", "512MiB", s => s.MaxEngineAnswerSize, (s, v) => s with { MaxEngineAnswerSize = v }),
        Size("max-timestamp-size", "16KiB", "16MiB", s => s.MaxTimestampSize, (s, v) => s with { MaxTimestampSize = v }),
        Size("max-root-size", "64KiB", "100MiB", s => s.MaxRootSize, (s, v) => s with { MaxRootSize = v }),
        Size("max-metadata-size", "64KiB", "512MiB", s => s.MaxMetadataSize, (s, v) => s with { MaxMetadataSize = v }),
        SettingKey.Count("max-root-rotations", 1, 10_000, s => s.MaxRootRotations, (s, v) => s with { MaxRootRotations = v }),
        SettingKey.Count("max-delegations", 1, 10_000, s => s.MaxDelegations, (s, v) => s with { MaxDelegations = v }),
        SettingKey.Count(
            "max-requests-per-trust-server", 1, 256, s => s.MaxRequestsPerTrustServer, (s, v) => s with { MaxRequestsPerTrustServer = v }),
        SettingKey.Count(
            "max-concurrent-decisions",
            1,
            4096,
            s => s.MaxConcurrentDecisions,
            (s, v) => s with { MaxConcurrentDecisions = v }),
        Size("max-cache-size", "16MiB", "1048576MiB", s => s.MaxCacheSize, (s, v) => s with { MaxCacheSize = v }),
        Size("max-cache-memory", "1MiB", "16384MiB", s => s.MaxCacheMemory, (s, v) => s with { MaxCacheMemory = v }),
        SettingKey.Count("max-approvals", 100, 10_000_000, s => s.MaxApprovals, (s, v) => s with { MaxApprovals = v }),
    ];

    private static SettingKey Path(string name, Func<ServiceSettings, string> get, Func<ServiceSettings, string, ServiceSettings> set) =>
        SettingKey.Text(name, SettingValues.ReadPath, get, set, v => v);

    private static SettingKey Socket(string name, Func<ServiceSettings, string> get, Func<ServiceSettings, string, ServiceSettings> set) =>
        SettingKey.Text(name, SettingValues.ReadSocketPath, get, set, v => v);

    private static SettingKey Time(
        string name,
        string least,
        string most,
        Func<ServiceSettings, TimeSpan> get,
        Func<ServiceSettings, TimeSpan, ServiceSettings> set)
    {
        var (from, to) = (Duration.Parse(least)!.Value, Duration.Parse(most)!.Value);
        return SettingKey.Text(
            name,
            (node, findings) => ConfigValue.ReadDuration(node, from, to, findings) is { } v ? new Setting<TimeSpan>(v) : null,
            get,
            set,
            Duration.Format);
    }

    /// <summary>One of the names of an enumeration, in lower case.</summary>
    private static SettingKey Word<T>(string name, Func<ServiceSettings, T> get, Func<ServiceSettings, T, ServiceSettings> set)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        return SettingKey.Text(
            name,
            (node, findings) => ConfigValue.ReadWord(node, words, findings) is { } word
                ? new Setting<T>(Enum.GetValues<T>()[Array.IndexOf(words, word)])
                : null,
            get,
            set,
            v => v.ToString().ToLowerInvariant());
    }

    private static SettingKey Size(
        string name,
        string least,
        string most,
        Func<ServiceSettings, long> get,
        Func<ServiceSettings, long, ServiceSettings> set)
    {
        var (from, to) = (ByteSize.Parse(least)!.Value, ByteSize.Parse(most)!.Value);
        return SettingKey.Text(name, (node, findings) => SettingValues.ReadSize(node, from, to, findings), get, set, ByteSize.Format);
    }

    /// <summary>A proxy's login is not for printing.</summary>
    private static string ShowProxy(Uri? proxy) => proxy is null ? "" : $"{proxy.Scheme}://{proxy.Authority}";
}
