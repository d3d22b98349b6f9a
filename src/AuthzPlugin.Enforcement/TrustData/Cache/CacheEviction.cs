using AuthzPlugin.Enforcement.Files;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// Keeps the cached files under their limit: the least recently used go first (a file's modification time is when it was last
/// confirmed), and what a crash left half written goes after a while.
/// </summary>
internal sealed class CacheEviction(string directory, long maximumBytes, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();

    /// <summary>What is there at most, in bytes: files that were replaced are counted twice. Null before the first look.</summary>
    private long? _most;
    private long _looked;

    /// <summary>
    /// After a file was written. The folder is looked through only when the limit may have been passed, and each hour (other processes write
    /// too, and crashes leave files): a look for each file cost the more the more files there were.
    /// </summary>
    /// <param name="file">It stays.</param>
    public void Wrote(string file, long bytes)
    {
        lock (_gate)
        {
            _most += bytes;
            if (_most is null || _most > maximumBytes || time.GetElapsedTime(_looked) > LeftoverAge)
            {
                _most = Look(file);
                _looked = time.GetTimestamp();
            }
        }
    }

    /// <summary>Returns what is there then, in bytes.</summary>
    private long Look(string keep)
    {
        var files = new DirectoryInfo(directory).GetFiles();
        var newest = files.Length == 0 ? default : files.Max(f => f.LastWriteTimeUtc);
        foreach (var leftover in files.Where(f => IsTemporary(f) && f.LastWriteTimeUtc < newest - LeftoverAge))
        {
            leftover.Delete();
        }

        var kept = files.Where(f => !IsTemporary(f)).ToArray();
        var total = kept.Sum(f => f.Length);

        // A little below the limit, so that in a full folder not every file that comes leads to a look.
        var enough = total > maximumBytes ? maximumBytes / 16 * 15 : maximumBytes;
        foreach (var file in kept.Where(f => f.FullName != keep).OrderBy(f => f.LastWriteTimeUtc))
        {
            if (total <= enough)
            {
                break;
            }

            total -= file.Length;
            file.Delete();
            logger.CacheEvicted(file.Name);
        }

        return total;
    }

    private static bool IsTemporary(FileInfo file) => file.Name.EndsWith(DurableFile.TemporarySuffix, StringComparison.Ordinal);
}
