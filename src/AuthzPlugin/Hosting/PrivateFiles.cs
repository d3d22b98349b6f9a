using System.Runtime.InteropServices;

namespace AuthzPlugin.Hosting;

/// <summary>Makes everything this process creates, the socket included, accessible to its own user alone.</summary>
internal static partial class PrivateFiles
{
    private const uint GroupAndOthers = 0b000_111_111;

    public static void SetUmask() => _ = Umask(GroupAndOthers);

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint Umask(uint mask);
}
