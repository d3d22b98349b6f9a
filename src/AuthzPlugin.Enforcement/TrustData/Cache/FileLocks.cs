using AuthzPlugin.Enforcement.Files;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// Locks between threads and processes that write the files of a repository. There are 64 of them for all repositories,
/// so that lock files do not pile up; they are held for a write, never for a request.
/// </summary>
internal sealed class FileLocks(string directory, TimeSpan timeout, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="key">Hex text; its first two digits choose the lock.</param>
    /// <exception cref="IOException">Another process kept the lock for too long, or the file cannot be made.</exception>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellation)
    {
        var path = Path.Combine(directory, $"{Convert.ToInt32(key[..2], 16) % 64:x2}.lock");
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return DurableFile.OpenExclusive(path);
            }
            catch (IOException) when (time.GetElapsedTime(start) < timeout)
            {
                await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            }
        }
    }
}
