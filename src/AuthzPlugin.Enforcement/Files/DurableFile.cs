using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AuthzPlugin.Enforcement.Files;

/// <summary>
/// Files that survive a crash as either the old or the new content: written beside their place, flushed to the disk, renamed
/// over it, and the directory flushed. Directories have mode 0700, files 0600.
/// </summary>
internal static partial class DurableFile
{
    public const string TemporarySuffix = ".tmp";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">The disk is full, or does not write.</exception>
    public static void CreateDirectory(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <inheritdoc cref="CreateDirectory"/>
    public static void Write(string path, params IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        Replace(path, parts, flush: true);
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Likewise, and nothing waits for the disk: the death of the process leaves the old or the new content, but a power failure may leave
    /// garbage. For what is verified whenever it is read and can be had again.
    /// </summary>
    /// <inheritdoc cref="CreateDirectory"/>
    public static void WriteUnflushed(string path, params IReadOnlyList<ReadOnlyMemory<byte>> parts) => Replace(path, parts, flush: false);

    /// <summary>Removes the file if it is there, so that it stays removed.</summary>
    public static bool Delete(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        FlushDirectory(Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>Opens, and makes if needed, a file for its owner only that nobody else may have open (flock).</summary>
    public static FileStream OpenExclusive(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        UnixCreateMode = OwnerOnly,
    });

    private static void Replace(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts, bool flush)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            using (var stream = new FileStream(temporary, NewFile()))
            {
                foreach (var part in parts)
                {
                    stream.Write(part.Span);
                }

                stream.Flush(flush);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static FileStreamOptions NewFile() => new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        UnixCreateMode = OwnerOnly,
    };

    // A rename is on the disk only when its directory is; the runtime opens no directories.
    private static void FlushDirectory(string path)
    {
        const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;
        var descriptor = Open(path, ReadOnlyDirectoryCloseOnExec);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        var result = Sync(descriptor);
        var failure = result < 0 ? Failure(path) : null;
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string path) => new($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
