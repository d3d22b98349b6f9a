using System.Runtime.InteropServices;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>
/// Identity and age of a file, links followed: equal stamps mean that nobody replaced it or wrote to it.
/// .NET tells neither inode nor file type, so statx(2) is asked, whose structure is the same on every architecture.
/// </summary>
internal readonly partial record struct FileStamp
{
    private const int FollowLinks = 0;
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int NoEntry = 2; // ENOENT
    private const int FormatMask = 0xf000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG
    private const int Folder = 0x4000; // S_IFDIR
    private const int Link = 0xa000; // S_IFLNK
    private const int GroupMayWrite = 0x10;
    private const int OthersMayWrite = 0x2;

    private FileStamp(int error, StatxBuffer s)
    {
        Error = error;
        Mode = s.Mode;
        Owner = s.Owner;
        Group = s.Group;
        Size = s.Size;
        Identity = (s.DeviceMajor, s.DeviceMinor, s.Inode);
        Modified = (s.ModifiedSeconds, s.ModifiedNanoseconds);
        Changed = (s.ChangedSeconds, s.ChangedNanoseconds);
    }

    /// <summary>errno of the look; zero when there is a file.</summary>
    public int Error { get; }

    public ulong Size { get; }

    private int Mode { get; }

    private uint Owner { get; }

    private uint Group { get; }

    private (uint, uint, ulong) Identity { get; }

    private (long, uint) Modified { get; }

    /// <summary>The inode's change time: tools that set the modification time back cannot set this.</summary>
    private (long, uint) Changed { get; }

    public bool Exists => Error == 0;

    public bool IsAbsent => Error == NoEntry;

    public bool IsRegularFile => Exists && (Mode & FormatMask) == RegularFile;

    public bool IsFolder => Exists && (Mode & FormatMask) == Folder;

    /// <summary>Only of a stamp that does not follow links.</summary>
    public bool IsLink => Exists && (Mode & FormatMask) == Link;

    /// <summary>Somebody besides the owner and the group of root can write the file.</summary>
    public bool IsWritableByStrangers => (Mode & OthersMayWrite) != 0 || ((Mode & GroupMayWrite) != 0 && Group != 0);

    /// <summary>The file belongs neither to root nor to who runs this program: its owner can write it, whatever its mode.</summary>
    public bool IsOwnedByStranger => Owner != 0 && Owner != EffectiveUser();

    public static FileStamp Of(string path) => Look(path, FollowLinks);

    /// <summary>The same of a link itself.</summary>
    public static FileStamp OfItself(string path) => Look(path, NoFollow);

    /// <summary>Whether the path is a symbolic link; with an absent <see cref="Of"/> it leads nowhere.</summary>
    public static bool IsDanglingLink(string path) => Of(path).IsAbsent && Look(path, NoFollow).Exists;

    private static FileStamp Look(string path, int flags) =>
        Statx(CurrentDirectory, path, flags, BasicStats, out var buffer) == 0
            ? new FileStamp(0, buffer)
            : new FileStamp(Marshal.GetLastPInvokeError(), default);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();

    /// <summary>struct statx of linux/stat.h.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
