using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// What must be remembered about a repository when its cached files are lost: versions of each root line, oldest line first,
/// and times. It is kept apart from the files and never evicted.
/// </summary>
/// <param name="CheckedAt">When the timestamp was last checked with the server; null for never.</param>
/// <param name="MissingSince">When the server first said that the repository has no trust data; null while it has.</param>
internal sealed record RepositoryMemory(IReadOnlyList<RootLine> Lines, DateTimeOffset? CheckedAt, DateTimeOffset? MissingSince)
{
    private const int MaximumLines = 32;

    /// <summary>When the first file of what was last verified expires; null when that is not known. It only informs.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public static RepositoryMemory None { get; } = new([], null, null);

    /// <summary>Whether data of the repository was ever verified.</summary>
    public bool IsKnown => Lines.Count > 0;

    /// <summary>The newest line that the pin accepts; null: a root that satisfies the pin starts a new one.</summary>
    public RootLine? LineFor(RootPin pin) => Lines.LastOrDefault(line => line.Satisfies(pin));

    /// <summary>The versions below which nothing is accepted under the pin.</summary>
    public VersionFloors FloorsFor(RootPin pin) => LineFor(pin) is { } line ? new VersionFloors(line.Versions, line.KeySets) : VersionFloors.None;

    /// <summary>With what another process wrote meanwhile: no version is forgotten, times are this one's.</summary>
    public RepositoryMemory Merge(RepositoryMemory other)
    {
        var mine = Lines.Select(line => other.Lines.Where(line.HasSignersOf).Aggregate(line, (a, b) => a.HighestOf(b))).ToArray();
        return this with { Lines = [.. other.Lines.Where(theirs => !mine.Any(theirs.HasSignersOf)), .. mine] };
    }

    /// <summary>After data was verified that the server confirmed.</summary>
    public RepositoryMemory With(VerifiedRepository verified, RootPin pin, DateTimeOffset checkedAt)
    {
        var line = LineFor(pin);
        var changed = line?.With(verified) ?? RootLine.Of(verified);
        var lines = Lines.Where(l => !ReferenceEquals(l, line)).Append(changed).TakeLast(MaximumLines);
        return new RepositoryMemory([.. lines], checkedAt, MissingSince: null) { ExpiresAt = verified.EarliestExpiry };
    }
}
