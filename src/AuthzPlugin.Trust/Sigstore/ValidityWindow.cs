namespace AuthzPlugin.Trust.Sigstore;

/// <summary>When a pinned key or authority counts (<c>validFor</c>). Both ends belong to it; without an end it goes on.</summary>
internal readonly record struct ValidityWindow(DateTimeOffset Start, DateTimeOffset? End)
{
    internal bool Contains(DateTimeOffset time) => Start <= time && (End is not { } end || time <= end);
}
