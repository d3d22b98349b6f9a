using AuthzPlugin.Enforcement.HostAccess;

namespace AuthzPlugin.Testing.Engine;

/// <summary>A host's file system with the links, mounts and unreadable folders that a test states; everything else exists plainly.</summary>
public sealed class SimulatedHost : IHostFiles
{
    /// <summary>Target by path of the link.</summary>
    public Dictionary<string, string> Links { get; } = new(StringComparer.Ordinal)
    {
        ["/var/run"] = "/run",
        ["/bin"] = "usr/bin",
        ["/lib"] = "usr/lib",
        ["/etc/localtime"] = "/usr/share/zoneinfo/Etc/UTC",
    };

    public HashSet<string> Hidden { get; } = new(StringComparer.Ordinal);

    public List<HostMount> MountList { get; } =
    [
        new("/", "8:1", "/"),
        new("/proc", "0:22", "/"),
        new("/sys", "0:23", "/"),
        new("/dev", "0:6", "/"),
        new("/dev/shm", "0:25", "/"),
        new("/run", "0:24", "/"),
    ];

    public HostEntry Look(string path) =>
        Hidden.Contains(path) ? new HostEntry(HostEntryKind.Hidden)
        : Links.TryGetValue(path, out var target) ? new HostEntry(HostEntryKind.Link, target)
        : new HostEntry(HostEntryKind.Plain);

    public IReadOnlyList<HostMount> Mounts() => MountList;
}
