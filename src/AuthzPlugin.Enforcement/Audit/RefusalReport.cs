using AuthzPlugin.Enforcement.Decisions;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Refusals of one image (or request) for one reason.</summary>
/// <param name="What">The image as it was asked for, or method and target where there is none.</param>
/// <param name="Count">How many, those of floods included.</param>
/// <param name="Last">Time of the last one.</param>
/// <param name="Message">What the user was told, or would have been, at the last one.</param>
public sealed record RefusalGroup(string What, string Reason, long Count, string Last, string Message)
{
    public string? Repository { get; init; }

    /// <summary>The member of <c>trust-pinning</c> that would admit it, when a key that is pinned already signed it.</summary>
    public string? Admit { get; init; }

    /// <summary>Reasons that another pin could change.</summary>
    private static readonly IReadOnlyList<string> AboutPins = [ReasonCode.NotPinned.ToText(), ReasonCode.WrongRootKey.ToText()];

    /// <summary>Repositories that a pin might admit.</summary>
    public static IReadOnlyList<string> Pinnable(IEnumerable<RefusalGroup> groups) =>
        [.. groups.Where(g => AboutPins.Contains(g.Reason)).Select(g => g.Repository).OfType<string>().Distinct(StringComparer.Ordinal)];
}

/// <summary>What was refused, or would have been in enforced mode, grouped: the most frequent first.</summary>
public static class RefusalReport
{
    public static IReadOnlyList<RefusalGroup> From(IEnumerable<AuditRead> lines) =>
        Group(lines.Where(l => l.Answer is "deny" or "would-deny" or "report" or "stop"));

    /// <summary>What passed by an exception, counted by what was asked (or started unasked).</summary>
    public static IReadOnlyList<RefusalGroup> Excepted(IEnumerable<AuditRead> lines) =>
        Group(lines.Where(l => l is { Outcome: "excepted", Answer: "allow", Phase: "request" or "unasked-start" }));

    private static IReadOnlyList<RefusalGroup> Group(IEnumerable<AuditRead> lines)
    {
        var groups = new Dictionary<(string What, string Reason), RefusalGroup>();
        foreach (var line in lines)
        {
            var key = (line.Image ?? $"{line.Method} {line.Uri?.Split('?')[0]}", line.Reason ?? "");
            var before = groups.GetValueOrDefault(key)?.Count ?? 0;
            groups[key] = new RefusalGroup(key.Item1, key.Item2, before + (line.Repeated ?? 1), line.Time ?? "", line.Message ?? "")
            {
                Repository = line.Repository,
            };
        }

        return [.. groups.Values.OrderByDescending(g => g.Count).ThenBy(g => g.What, StringComparer.Ordinal)];
    }
}
