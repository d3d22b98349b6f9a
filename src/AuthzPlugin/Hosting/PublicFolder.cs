namespace AuthzPlugin.Hosting;

/// <summary>A folder that others than root may enter and read.</summary>
internal static class PublicFolder
{
    /// <summary>Makes it where there is none: the mode is set afterwards because the umask is ours alone (<see cref="PrivateFiles"/>).</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }
}
