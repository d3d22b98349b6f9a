using AuthzPlugin.Enforcement.TrustData.Updates;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>Verified trust data as it is kept in memory: immutable.</summary>
/// <param name="Metadata">The result of verification and the files it was made from.</param>
/// <param name="Pin">The pin that it was verified under.</param>
/// <param name="Server">The server that confirmed it in this process; null when it was read from disk.</param>
/// <param name="CheckedAt">When a server last confirmed it; null when that is not known.</param>
internal sealed record RepositoryCopy(UpdatedMetadata Metadata, RootPin Pin, string? Server, DateTimeOffset? CheckedAt)
{
    public VerifiedRepository Verified => Metadata.Verified;

    /// <summary>Look-ups in it.</summary>
    public SignedTags Tags => Metadata.Tags;

    /// <summary>Nothing in it has expired.</summary>
    public bool IsCurrent(DateTimeOffset now) => Verified.ExpiredRoles.Count == 0 && now < Verified.EarliestExpiry;

    /// <summary>Whether it was verified under this very pin; the pattern that led to it does not matter.</summary>
    public bool IsUnder(RootPin pin) => ReferenceEquals(Pin, pin) || (Pin.Kind == pin.Kind && Pin.Ids.SetEquals(pin.Ids));

    /// <summary>How long ago a server confirmed it; null when it never did or the clock says it will in future.</summary>
    public TimeSpan? Age(DateTimeOffset now) => CheckedAt is { } at && at <= now ? now - at : null;
}
