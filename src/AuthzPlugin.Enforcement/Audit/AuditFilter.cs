using System.Globalization;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Which records are wanted; what is null does not matter.</summary>
public sealed record AuditFilter
{
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Part of the image as it was asked for, or of the repository.</summary>
    public string? Image { get; init; }

    public string? Outcome { get; init; }

    public string? User { get; init; }

    public bool Takes(AuditRead line) =>
        IsInTime(line)
        && (Image is null || Has(line.Image) || Has(line.Repository))
        && (Outcome is null || line.Outcome == Outcome)
        && (User is null || line.User == User);

    private bool Has(string? text) => text?.Contains(Image!, StringComparison.Ordinal) == true;

    private bool IsInTime(AuditRead line) =>
        (Since is null && Until is null)
        || (DateTimeOffset.TryParse(line.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && (Since is null || at >= Since) && (Until is null || at < Until));
}
