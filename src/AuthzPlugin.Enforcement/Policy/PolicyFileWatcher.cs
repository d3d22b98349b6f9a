using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// Notices that a policy file was written to, replaced, removed or made. It looks at inode, size and times every second:
/// inotify misses renamed folders, and links whose far end changes. A change is reported when the files have been quiet for one interval
/// (an editor's half-written file is not read), or after ten intervals without quiet.
/// </summary>
public sealed class PolicyFileWatcher
{
    private const int MostRestless = 10;

    private readonly string[] _paths;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private FileStamp[] _reported;
    private FileStamp[] _last;
    private int _restless;

    /// <summary>
    /// Remembers how the files are now: make the watcher before the policy is first read, so that no change falls between.
    /// </summary>
    public PolicyFileWatcher(PolicyPaths paths, TimeProvider time, TimeSpan? interval = null)
    {
        _paths = [paths.DaemonConfig, paths.PolicyFile];
        _time = time;
        _interval = interval ?? TimeSpan.FromSeconds(1);
        _reported = _last = Look();
    }

    /// <summary>
    /// Calls <paramref name="changed"/> after each change, one call at a time, until cancelled. Ends without an exception.
    /// </summary>
    public async Task RunAsync(Action changed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (Poll())
                {
                    changed();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <summary>One look; true when there is a change to report.</summary>
    internal bool Poll()
    {
        var now = Look();
        var quiet = now.AsSpan().SequenceEqual(_last);
        _last = now;
        _restless = quiet ? 0 : _restless + 1;
        if (now.AsSpan().SequenceEqual(_reported) || (!quiet && _restless < MostRestless))
        {
            return false;
        }

        (_reported, _restless) = (now, 0);
        return true;
    }

    private FileStamp[] Look() => [.. _paths.Select(FileStamp.Of)];
}
