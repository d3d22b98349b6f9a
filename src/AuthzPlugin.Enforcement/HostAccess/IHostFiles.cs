namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>What stands at a path of the host; links are not followed.</summary>
public enum HostEntryKind
{
    /// <summary>Nothing, or nothing that can have entries below.</summary>
    Missing,

    /// <summary>A file, folder, socket or device.</summary>
    Plain,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>It could not be looked at.</summary>
    Hidden,
}

/// <summary>What stands at a path.</summary>
/// <param name="Target">Where a link leads, as it is written in the link.</param>
public readonly record struct HostEntry(HostEntryKind Kind, string Target = "");

/// <summary>A mount of the host (proc(5), mountinfo).</summary>
/// <param name="MountPoint">Where it is, absolute.</param>
/// <param name="Device"><c>major:minor</c> of its file system.</param>
/// <param name="Root">Which folder of that file system it shows.</param>
public sealed record HostMount(string MountPoint, string Device, string Root);

/// <summary>The host's file system, as far as sources of mounts are resolved in it.</summary>
public interface IHostFiles
{
    /// <summary>Never throws for what a path can be.</summary>
    HostEntry Look(string path);

    /// <summary>Every mount, later ones over earlier ones.</summary>
    /// <exception cref="IOException">The list cannot be read.</exception>
    IReadOnlyList<HostMount> Mounts();
}
