using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.LocalBuilds;

/// <summary>
/// Images that the gate saw built, in memory and on disk, by image id. A full store forgets the oldest: that image must be built again.
/// </summary>
public sealed class LocalBuildStore
{
    /// <summary>Most images behind one build; a build from more is not remembered.</summary>
    public const int MaxBases = 64;

    private readonly Dictionary<string, LocalBuild> _builds = new(StringComparer.Ordinal);
    private readonly StateFolder<LocalBuild> _folder;
    private readonly int _limit;
    private readonly Lock _lock = new();

    /// <param name="stateDirectory">The records live in its sub-folder <c>builds</c>.</param>
    /// <param name="limit">Most images remembered.</param>
    public LocalBuildStore(string stateDirectory, int limit, ILogger<LocalBuildStore> logger)
    {
        _limit = limit;
        _folder = new StateFolder<LocalBuild>(Path.Combine(stateDirectory, "builds"), LocalBuildJson.Default.LocalBuild, logger);
        foreach (var (key, build) in _folder.Load())
        {
            if (Digest.TryParse(build.ImageId, out var id) && id.Hex == key && build.Bases.Count is > 0 and <= MaxBases)
            {
                _builds[key] = build;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _builds.Count;
            }
        }
    }

    /// <summary>What is known of an image; null when the gate did not see it built.</summary>
    public LocalBuild? Find(Digest imageId)
    {
        lock (_lock)
        {
            return _builds.GetValueOrDefault(imageId.Hex);
        }
    }

    /// <exception cref="IOException">It could not be written; then it is not in force either.</exception>
    /// <exception cref="ArgumentException">It has no base, or too many.</exception>
    public void Add(Digest imageId, LocalBuild build)
    {
        if (build.Bases.Count is 0 or > MaxBases || build.ImageId != imageId.ToString())
        {
            throw new ArgumentException("a build is remembered by its id and has 1 to 64 bases", nameof(build));
        }

        lock (_lock)
        {
            if (_builds.Count >= _limit && !_builds.ContainsKey(imageId.Hex))
            {
                var oldest = _builds.MinBy(b => b.Value.BuiltAt).Key;
                _folder.Delete(oldest);
                _builds.Remove(oldest);
            }

            _folder.Write(imageId.Hex, build);
            _builds[imageId.Hex] = build;
        }
    }
}
