namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Where and how the audit log is kept.</summary>
/// <param name="Path">The present file; older ones have <c>.1</c> (the newest), <c>.2</c>, … behind it.</param>
public sealed record AuditOptions(string Path)
{
    /// <summary>A file that has reached this many bytes is put aside.</summary>
    public long MaxBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>How many files that were put aside are kept.</summary>
    public int Keep { get; init; } = 10;

    /// <summary>Zero: every line is on the disk before the answer is given; otherwise all lines are after this time.</summary>
    public TimeSpan Flush { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the last known end of the chain is kept; null: nowhere.</summary>
    public string? HeadFile { get; init; }
}
