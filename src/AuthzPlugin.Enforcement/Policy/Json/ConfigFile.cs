using System.Globalization;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>
/// What a configuration file holds: <paramref name="Bytes"/>, or a <paramref name="Fault"/>, or neither when there is no file.
/// </summary>
internal sealed record ConfigFile(string Path, ReadOnlyMemory<byte>? Bytes, string? Fault, bool WritableByStrangers)
{
    /// <summary>Largest file that is read, in bytes (1 MiB).</summary>
    public const int MaxSize = 1024 * 1024;

    public bool IsAbsent => Bytes is null && Fault is null;

    /// <summary>
    /// Reads a regular file, links followed. Only a path that does not exist is absent: a directory, a pipe (opening one would wait
    /// for a writer), a link that leads nowhere, a file without permission or over <see cref="MaxSize"/> is a fault.
    /// </summary>
    public static ConfigFile Read(string path)
    {
        var stamp = FileStamp.Of(path);
        if (stamp.IsAbsent && !FileStamp.IsDanglingLink(path))
        {
            return new ConfigFile(path, null, null, false);
        }

        var fault = FindFault(stamp);
        if (fault is not null)
        {
            return new ConfigFile(path, null, fault, false);
        }

        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Read(path, stream, stamp.IsWritableByStrangers);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigFile(path, null, "a file that cannot be read (" + ConfigText.Escape(e.Message) + ")", false);
        }
    }

    private static ConfigFile Read(string path, FileStream stream, bool writableByStrangers)
    {
        // One byte more than the limit, because the file can have grown since it was looked at.
        var buffer = new byte[MaxSize + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > MaxSize
            ? new ConfigFile(path, null, TooLarge(length), false)
            : new ConfigFile(path, buffer.AsMemory(0, length), null, writableByStrangers);
    }

    private static string? FindFault(FileStamp stamp) => stamp switch
    {
        { IsAbsent: true } => "a symbolic link that leads nowhere",
        { Exists: false } => string.Create(CultureInfo.InvariantCulture, $"a file that cannot be looked at (error {stamp.Error})"),
        { IsRegularFile: false } => "something that is not a regular file",
        { Size: > MaxSize } => TooLarge((long)stamp.Size),
        _ => null,
    };

    private static string TooLarge(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"a file of {size} bytes or more");
}
