using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>System calls that .NET has no other way to.</summary>
internal static partial class Posix
{
    private const int SigHup = 1;
    private const int SigTerm = 15;

    public static void Terminate(Process process) => Send(process, SigTerm);

    public static void HangUp(Process process) => Send(process, SigHup);

    /// <summary>A second descriptor of a socket, one that a started process inherits. Close it with <see cref="Close"/>.</summary>
    public static int Inheritable(Socket socket)
    {
        var copy = Dup((int)socket.SafeHandle.DangerousGetHandle());
        return copy >= 0 ? copy : throw new IOException($"dup: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Close(int descriptor);

    private static void Send(Process process, int signal)
    {
        if (!process.HasExited)
        {
            _ = Kill(process.Id, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
