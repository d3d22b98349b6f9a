using System.Net.Sockets;

namespace AuthzPlugin.Hosting;

/// <summary>The plugin's own socket: made here, or passed by systemd.</summary>
internal static class PluginSocket
{
    /// <summary>
    /// Makes the folder (0755, as the engine's own) and removes a socket that nobody serves any more.
    /// Returns null, or one sentence why the socket cannot be used.
    /// </summary>
    public static string? Prepare(string path)
    {
        try
        {
            PublicFolder.Make(Path.GetDirectoryName(Path.GetFullPath(path))!);
            if (!Path.Exists(path))
            {
                return null;
            }

            if (IsServed(path))
            {
                return $"{path} is served by another process already; stop it first, or give --socket another path";
            }

            File.Delete(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be used as a socket: {e.Message}; run as root or give --socket another path";
        }
    }

    /// <summary>Mode 0600: the umask leaves a socket executable.</summary>
    /// <exception cref="IOException">Somebody took it away already.</exception>
    public static void Restrict(string path) => File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Where a socket that systemd passed is bound; null when it has no path.</summary>
    /// <remarks>proc(5) tells; a <see cref="Socket"/> around the descriptor would shut the listener down when it goes away.</remarks>
    /// <exception cref="IOException">/proc cannot be read.</exception>
    public static string? PathOf(int descriptor)
    {
        const string Kind = "socket:[";
        if (new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget is not { } link || !link.StartsWith(Kind, StringComparison.Ordinal))
        {
            return null;
        }

        var inode = link[Kind.Length..^1];
        return Bound().FirstOrDefault(s => s.Inode == inode).Path;
    }

    /// <summary>A socket is bound at this path; the file of one that is gone does not count, and nobody is woken by a connection.</summary>
    /// <exception cref="IOException">/proc cannot be read.</exception>
    public static bool IsBound(string path) => Bound().Any(s => s.Path == path);

    /// <summary>Unix sockets that have a path.</summary>
    private static IEnumerable<(string Inode, string Path)> Bound()
    {
        const int InodeColumn = 6;
        return File.ReadLines("/proc/self/net/unix")
            .Select(line => line.Split(' ', InodeColumn + 2, StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length == InodeColumn + 2)
            .Select(columns => (columns[InodeColumn], columns[^1]));
    }

    private static bool IsServed(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
