namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>A path that no container may reach, with everything in it and every folder above it.</summary>
/// <param name="Path">Absolute; a <c>*</c> at its end covers every name that begins so.</param>
/// <param name="What">What it is, for messages.</param>
/// <param name="OnlyWritable">Read-only mounts may reach it.</param>
internal sealed record ProtectedPath(string Path, string What, bool OnlyWritable = false)
{
    /// <summary>Whether a mount of this source shows the path, a part of it, or a folder above it.</summary>
    public bool IsReachedBy(string source)
    {
        if (!Path.EndsWith('*'))
        {
            return HostPath.IsWithin(source, Path) || HostPath.IsWithin(Path, source);
        }

        var prefix = Path[..^1];
        return source.StartsWith(prefix, StringComparison.Ordinal) || HostPath.IsWithin(prefix[..Math.Max(1, prefix.LastIndexOf('/'))], source);
    }
}

/// <summary>
/// The paths of every host (decisions.md, "Host access"). The engine's own answers and this plugin's settings add more.
/// </summary>
internal static class ProtectedPathList
{
    private const string Engine = "the engine's data, sockets and configuration";
    private const string Containerd = "containerd's sockets and data";
    private const string Systemd = "systemd's units and sockets";
    private const string Root = "what root runs or trusts";

    public static IReadOnlyList<ProtectedPath> OfEveryHost { get; } =
    [
        new("/proc", "the kernel's interfaces"),
        new("/sys", "the kernel's interfaces"),
        new("/dev", "the host's devices"),
        new("/run/docker", Engine), // also below: names that end with a star are not looked for in other mounts
        new("/run/docker*", Engine),
        new("/var/lib/docker", Engine),
        new("/etc/docker", Engine),
        new("/usr/lib/docker", Engine),
        new("/run/containerd", Containerd),
        new("/var/lib/containerd", Containerd),
        new("/etc/containerd", Containerd),
        new("/opt/containerd", Containerd, OnlyWritable: true), // its bin is searched first for the programs that containerd runs
        new("/opt/nri", Containerd, OnlyWritable: true),
        new("/etc/cdi", "device definitions that the engine obeys"),
        new("/run/cdi", "device definitions that the engine obeys"),
        new("/etc/systemd", Systemd),
        new("/run/systemd/system", Systemd),
        new("/run/systemd/transient", Systemd),
        new("/run/systemd/generator*", Systemd),
        new("/run/systemd/private", Systemd),
        new("/run/dbus", Systemd), // root in a container is root to systemd's manager behind this socket
        new("/usr/lib/systemd", Systemd),
        new("/lib/systemd", Systemd),
        new("/usr/local/lib/systemd", Systemd),

        // Writing these makes root on the host, which is all of the above. Reading them is honest (/etc/passwd:ro, /lib/modules:ro).
        new("/etc/cron*", Root, OnlyWritable: true),
        new("/var/spool/cron", Root, OnlyWritable: true),
        new("/etc/ld.so*", Root, OnlyWritable: true),
        new("/etc/passwd", Root, OnlyWritable: true),
        new("/etc/shadow", Root, OnlyWritable: true),
        new("/etc/group", Root, OnlyWritable: true),
        new("/etc/sudoers*", Root, OnlyWritable: true),
        new("/etc/pam.d", Root, OnlyWritable: true),
        new("/etc/profile*", Root, OnlyWritable: true),
        new("/etc/environment", Root, OnlyWritable: true),
        new("/etc/init*", Root, OnlyWritable: true),
        new("/etc/rc*", Root, OnlyWritable: true),
        new("/etc/default", Root, OnlyWritable: true),
        new("/etc/udev", Root, OnlyWritable: true),
        new("/etc/modprobe.d", Root, OnlyWritable: true),
        new("/etc/modules*", Root, OnlyWritable: true),
        new("/etc/ssh", Root, OnlyWritable: true),
        new("/root/.ssh", Root, OnlyWritable: true),
        new("/root/.bash*", Root, OnlyWritable: true),
        new("/root/.profile", Root, OnlyWritable: true),
        new("/boot", Root, OnlyWritable: true),
        new("/bin", Root, OnlyWritable: true),
        new("/sbin", Root, OnlyWritable: true),
        new("/lib*", Root, OnlyWritable: true),
        new("/usr/bin", Root, OnlyWritable: true),
        new("/usr/sbin", Root, OnlyWritable: true),
        new("/usr/lib*", Root, OnlyWritable: true),
        new("/usr/local/bin", Root, OnlyWritable: true),
        new("/usr/local/sbin", Root, OnlyWritable: true),
        new("/usr/local/lib", Root, OnlyWritable: true),
    ];

    /// <summary>Devices that every container has of its own, shared memory, and the socket of the system log.</summary>
    public static IReadOnlyList<string> Harmless { get; } =
        ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm", "/dev/log"];
}
