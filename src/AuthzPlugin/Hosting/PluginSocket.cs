using System.Net.Sockets;

namespace AuthzPlugin.Hosting;

/// <summary>The plugin's own socket when systemd does not pass one.</summary>
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
            Directory.CreateDirectory(
                Path.GetDirectoryName(Path.GetFullPath(path))!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
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
