using static AuthzPlugin.Enforcement.EngineRequests.JsonShape;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// The structs that engines 1.12–29 decode container bodies into: every field of any version, so that look-alikes of none pass (R6).
/// Plain names are scalars, lists of scalars, or maps (Labels, Volumes, ExposedPorts, Sysctls, Tmpfs, …), whose keys are free.
/// </summary>
internal static class ContainerShapes
{
    private static readonly (string, JsonShape) RestartPolicy = ("RestartPolicy", Struct(Plain("Name", "MaximumRetryCount")));

    private static readonly JsonShape Throttle = ListOf(Struct(Plain("Path", "Rate", "Weight")));

    private static readonly JsonShape Mount = Struct(
    [
        .. Plain("Type", "Source", "Target", "ReadOnly", "Consistency", "ClusterOptions"),
        ("BindOptions", Struct(Plain("Propagation", "NonRecursive", "CreateMountpoint", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"))),
        ("VolumeOptions", Struct([.. Plain("NoCopy", "Labels", "Subpath"), ("DriverConfig", Struct(Plain("Name", "Options")))])),
        ("ImageOptions", Struct(Plain("Subpath"))),
        ("TmpfsOptions", Struct(Plain("SizeBytes", "Mode", "Options"))),
    ]);

    private static readonly (string, JsonShape)[] Resources =
    [
        .. Plain(
            "CpuShares", "Memory", "NanoCpus", "CgroupParent", "BlkioWeight", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod",
            "CpuRealtimeRuntime", "CpusetCpus", "CpusetMems", "DeviceCgroupRules", "DiskQuota", "KernelMemory", "KernelMemoryTCP",
            "MemoryReservation", "MemorySwap", "MemorySwappiness", "OomKillDisable", "PidsLimit", "CpuCount", "CpuPercent",
            "IOMaximumIOps", "IOMaximumBandwidth"),
        ("BlkioWeightDevice", Throttle),
        ("BlkioDeviceReadBps", Throttle),
        ("BlkioDeviceWriteBps", Throttle),
        ("BlkioDeviceReadIOps", Throttle),
        ("BlkioDeviceWriteIOps", Throttle),
        ("Devices", ListOf(Struct(Plain("PathOnHost", "PathInContainer", "CgroupPermissions")))),
        ("DeviceRequests", ListOf(Struct(Plain("Driver", "Count", "DeviceIDs", "Capabilities", "Options")))),
        ("Ulimits", ListOf(Struct(Plain("Name", "Hard", "Soft")))),
    ];

    private static readonly (string, JsonShape)[] HostConfig =
    [
        .. Resources,
        .. Plain(
            "Binds", "ContainerIDFile", "NetworkMode", "AutoRemove", "VolumeDriver", "VolumesFrom", "ConsoleSize", "Annotations",
            "CapAdd", "CapDrop", "Capabilities", "CgroupnsMode", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts", "GroupAdd", "IpcMode",
            "Cgroup", "Links", "OomScoreAdj", "PidMode", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "SecurityOpt", "StorageOpt",
            "Tmpfs", "UTSMode", "UsernsMode", "ShmSize", "Sysctls", "Runtime", "Isolation",
            "MaskedPaths", "ReadonlyPaths", "Init", "InitPath"),
        RestartPolicy,
        ("LogConfig", Struct(Plain("Type", "Config"))),
        ("Mounts", ListOf(Mount)),
        ("PortBindings", MapOf(ListOf(Struct(Plain("HostIp", "HostPort"))))),
    ];

    private static readonly JsonShape Endpoint = Struct(
    [
        .. Plain(
            "Links", "Aliases", "DriverOpts", "GwPriority", "NetworkID", "EndpointID", "Gateway", "IPAddress", "MacAddress", "IPPrefixLen",
            "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "DNSNames"),
        ("IPAMConfig", Struct(Plain("IPv4Address", "IPv6Address", "LinkLocalIPs"))),
    ]);

    /// <summary>
    /// The body of a create: Config with HostConfig and NetworkingConfig beside its fields. Engines up to 24 also take
    /// the fields of HostConfig at the top, and <c>Cpuset</c>.
    /// </summary>
    public static JsonShape Create { get; } = Struct(
    [
        .. HostConfig,
        .. Plain(
            "Hostname", "Domainname", "User", "AttachStdin", "AttachStdout", "AttachStderr", "ExposedPorts", "Tty", "OpenStdin",
            "StdinOnce", "Env", "Cmd", "ArgsEscaped", "Image", "Volumes", "WorkingDir", "Entrypoint", "NetworkDisabled", "MacAddress",
            "OnBuild", "Labels", "StopSignal", "StopTimeout", "Shell", "Cpuset"),
        ("Healthcheck", Struct(Plain("Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"))),
        ("HostConfig", Struct(HostConfig)),
        ("NetworkingConfig", Struct(("EndpointsConfig", MapOf(Endpoint)))),
    ]);

    /// <summary>The body of an update: resources and the restart policy.</summary>
    public static JsonShape Update { get; } = Struct([.. Resources, RestartPolicy]);

    private static IEnumerable<(string, JsonShape)> Plain(params string[] names) => names.Select(n => (n, Any));
}
