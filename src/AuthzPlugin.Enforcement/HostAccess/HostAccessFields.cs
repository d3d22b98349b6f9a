using static AuthzPlugin.Enforcement.HostAccess.HostBodies;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>The bodies that a field can stand in.</summary>
[Flags]
internal enum HostBodies
{
    /// <summary><c>HostConfig</c> of a create and of a container's inspect; engines up to 24 also read its fields at the top of a create.</summary>
    Container = 1,

    /// <summary><c>TaskTemplate.ContainerSpec</c> of a service.</summary>
    Service = 2,

    /// <summary><c>POST /volumes/create</c>.</summary>
    Volume = 4,

    /// <summary><c>VolumeOptions.DriverConfig</c> of a mount, which makes a volume inline.</summary>
    DriverConfig = 8,

    /// <summary>A volume that exists.</summary>
    VolumeInspect = 16,

    /// <summary><c>POST /containers/{name}/exec</c>.</summary>
    Exec = 32,

    /// <summary><c>POST /containers/{name}/update</c>.</summary>
    Update = 64,
}

/// <summary>A field and what in it counts as access to the host.</summary>
/// <param name="Path">Members from the body's object to the value, with dots.</param>
/// <param name="WithHolder">The rule looks at the object that has the field, because other members count as well.</param>
internal sealed record HostField(string Path, HostRule Rule, HostBodies In, bool WithHolder = false);

/// <summary>
/// Every field of the Engine API (1.24–1.55) through which a container or volume can get at the host (decisions.md, "Host access").
/// Not in it, because they reach no file of the host: networks and ports (<c>--network host</c> too), resources, ulimits, sysctls
/// (the runtime takes namespaced ones only), tmpfs, init, the UTS and cgroup namespaces.
/// </summary>
internal static class HostAccessFields
{
    public static IReadOnlyList<HostField> All { get; } =
    [
        //  field                               what counts                          where it can stand
        new("Privileged",                       HostRules.WhenTrue,                  Container | Exec),
        new("PidMode",                          HostRules.Namespace,                 Container),
        new("IpcMode",                          HostRules.Namespace,                 Container),
        new("UsernsMode",                       HostRules.Namespace,                 Container),
        new("Devices",                          HostRules.WhenNotEmpty,              Container | Update),
        new("DeviceCgroupRules",                HostRules.WhenNotEmpty,              Container | Update),
        new("DeviceRequests",                   HostRules.CdiDevices,                Container | Update),
        new("CgroupParent",                     HostRules.ParentSegments,            Container | Update),
        new("CapAdd",                           Capabilities.Rule,                   Container),
        new("Capabilities",                     Capabilities.Rule,                   Container),
        new("CapabilityAdd",                    Capabilities.Rule,                   Service),
        new("SecurityOpt",                      SecurityOptions.Rule,                Container),
        new("MaskedPaths",                      Confinement.MaskedPaths,             Container),
        new("ReadonlyPaths",                    Confinement.ReadonlyPaths,           Container),
        new("Privileges.Seccomp",               Confinement.ServiceSeccomp,          Service),
        new("Privileges.AppArmor.Mode",         Confinement.ServiceAppArmor,         Service),
        new("Privileges.SELinuxContext.Disable", HostRules.WhenTrue,                 Service),
        new("Privileges.SELinuxContext.Type",   SecurityOptions.ServiceLabelType,    Service),
        new("Runtime",                          HostRules.NamedRuntime,              Container),
        new("Annotations",                      HostRules.RuntimeAnnotations,        Container),
        new("InitPath",                         HostRules.PathOfHost,                Container),
        new("Binds",                            Mounts.BindTexts,                    Container),
        new("Mounts",                           Mounts.List,                         Container | Service),
        new("VolumesFrom",                      Mounts.FromContainers,               Container),
        new("DriverOpts",                       LocalVolumes.DriverOpts,             Volume, WithHolder: true),
        new("Options",                          LocalVolumes.InspectedOptions,       VolumeInspect, WithHolder: true),
        new("Options",                          LocalVolumes.InlineOptions,          DriverConfig, WithHolder: true),
    ];
}
