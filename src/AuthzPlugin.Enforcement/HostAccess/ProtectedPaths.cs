namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// Whether a source of a mount reaches something protected: by its name, by where links lead, or because it shows the same folder
/// through another mount (a bind mount of the host, or one below the source).
/// </summary>
/// <param name="ownPaths">Sockets, state, records, configuration and program of this plugin.</param>
public sealed class ProtectedPaths(IHostFiles files, IEnumerable<string> ownPaths)
{
    private readonly ProtectedPath[] _fixed =
        [.. ProtectedPathList.OfEveryHost, .. ownPaths.Select(p => new ProtectedPath(HostPath.Clean(p), "a path of content-trust"))];

    /// <summary>What is reached, for a message; null when nothing is.</summary>
    /// <param name="source">Absolute.</param>
    /// <param name="enginePaths">Folders and sockets of the engine, from its own answers.</param>
    /// <exception cref="IOException">The host's mounts cannot be read.</exception>
    public string? FindReached(string source, bool writable, IEnumerable<string> enginePaths)
    {
        ProtectedPath[] all =
        [
            .. _fixed.Where(p => writable || !p.OnlyWritable),
            .. enginePaths.Select(p => new ProtectedPath(HostPath.Clean(p), "the engine's data and sockets")),
        ];

        // The engine takes .. away as text before it mounts a bind's source; the kernel, which mounts a volume's device, follows links first.
        var clean = HostPath.Clean(source);
        return FindByName(clean, all) ?? FindResolved(clean, all) ?? FindResolved(source, all);
    }

    private string? FindResolved(string source, ProtectedPath[] all) => HostPath.TryResolve(source, files, out var resolved)
        ? FindByName(resolved, all) ?? FindByMount(resolved, all)
        : $"{resolved} (which cannot be looked at)";

    private static string? FindByName(string source, ProtectedPath[] all) =>
        ProtectedPathList.Harmless.Any(h => HostPath.IsWithin(source, h)) ? null
        : source.EndsWith("/docker.sock", StringComparison.Ordinal) ? $"{source} (a socket of the engine)"
        : all.FirstOrDefault(p => p.IsReachedBy(source)) is { } reached ? Describe(reached)
        : null;

    private string? FindByMount(string source, ProtectedPath[] all)
    {
        if (ProtectedPathList.Harmless.Any(h => HostPath.IsWithin(source, h)))
        {
            return null;
        }

        var mounts = files.Mounts();
        var shown = mounts.Where(m => HostPath.IsWithin(m.MountPoint, source)).Select(m => new HostLocation(m.Device, m.Root)).ToList();
        shown.AddRange(Locate(source, mounts));
        foreach (var path in all.Where(p => !p.Path.EndsWith('*')))
        {
            // Links on the way to a protected path count: its data may be kept elsewhere (/var/lib/docker → /data/docker).
            if (!HostPath.TryResolve(path.Path, files, out var target))
            {
                continue;
            }

            if (path.IsReachedBy(source) || (path with { Path = target }).IsReachedBy(source)
                || Locate(target, mounts).Any(l => shown.Any(s => s.Device == l.Device && (path with { Path = l.Path }).IsReachedBy(s.Path))))
            {
                return Describe(path);
            }
        }

        return null;
    }

    private static IEnumerable<HostLocation> Locate(string path, IReadOnlyList<HostMount> mounts)
    {
        // The innermost mount, and of those at one place the latest.
        var mount = mounts.Where(m => HostPath.IsWithin(path, m.MountPoint)).OrderBy(m => m.MountPoint.Length).LastOrDefault();
        return mount is null
            ? []
            : [new HostLocation(mount.Device, HostPath.Clean($"{mount.Root}/{path[(mount.MountPoint == "/" ? 0 : mount.MountPoint.Length)..]}"))];
    }

    private static string Describe(ProtectedPath path) => path.OnlyWritable
        ? $"{path.Path} ({path.What}; a read-only mount may)"
        : $"{path.Path} ({path.What})";

    /// <summary>A folder by its file system, however many mounts show it.</summary>
    private sealed record HostLocation(string Device, string Path);
}
