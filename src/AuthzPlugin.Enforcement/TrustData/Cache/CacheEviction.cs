using AuthzPlugin.Enforcement.Files;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// Keeps the cached files under their limit: the least recently used go first (a file's modification time is when it was last
/// confirmed), and what a crash left half written goes after a while.
/// </summary>
internal sealed class CacheEviction(string directory, long maximumBytes, ILogger logger)
{
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    /// <param name="keep">The file that was just written.</param>
    public void Run(string keep)
    {
        var files = new DirectoryInfo(directory).GetFiles();
        var newest = files.Length == 0 ? default : files.Max(f => f.LastWriteTimeUtc);
        foreach (var leftover in files.Where(f => IsTemporary(f) && f.LastWriteTimeUtc < newest - LeftoverAge))
        {
            leftover.Delete();
        }

        var kept = files.Where(f => !IsTemporary(f)).ToArray();
        var total = kept.Sum(f => f.Length);
        foreach (var file in kept.Where(f => f.FullName != keep).OrderBy(f => f.LastWriteTimeUtc))
        {
            if (total <= maximumBytes)
            {
                return;
            }

            total -= file.Length;
            file.Delete();
            logger.CacheEvicted(file.Name);
        }
    }

    private static bool IsTemporary(FileInfo file) => file.Name.EndsWith(DurableFile.TemporarySuffix, StringComparison.Ordinal);
}
