using System.Globalization;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.HostAccess;

/// <summary>
/// The real file system. It must be seen as the engine sees it, so the service has no private <c>/tmp</c> or <c>/home</c>, and the
/// capability to look into everybody's folders (systemd/content-trust.service).
/// </summary>
public sealed partial class HostFiles : IHostFiles
{
    private const string MountInfo = "/proc/self/mountinfo";

    public HostEntry Look(string path)
    {
        try
        {
            return File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint) && new FileInfo(path).LinkTarget is { } target
                ? new HostEntry(HostEntryKind.Link, target)
                : new HostEntry(HostEntryKind.Plain);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new HostEntry(HostEntryKind.Missing);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new HostEntry(HostEntryKind.Hidden);
        }
    }

    public IReadOnlyList<HostMount> Mounts() => [.. File.ReadLines(MountInfo).Select(Parse).OfType<HostMount>()];

    /// <summary><c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw</c>.</summary>
    internal static HostMount? Parse(string line) => line.Split(' ') is [_, _, var device, var root, var mountPoint, ..]
        ? new HostMount(Unescape(mountPoint), device, Unescape(root))
        : null;

    private static string Unescape(string text) => Octal().Replace(
        text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-7]{3})", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();
}
