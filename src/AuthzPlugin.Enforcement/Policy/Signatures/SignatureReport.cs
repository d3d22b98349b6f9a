using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What is said about <c>signature-policies</c>: their effective form, and what is legal but has consequences.</summary>
public static class SignatureReport
{
    internal const string Name = "signature-policies";

    /// <summary>How long before the end of a kind warnings begin.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(60);

    /// <summary>Nothing while there is no entry.</summary>
    internal static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Effective(TrustPolicy policy) => policy.Signatures.All.Count == 0
        ? []
        :
        [
            new("signature-cache", [Duration.Format(policy.SignatureCache)]),
            new(Name, [.. policy.Signatures.All.Select(Describe)]),
        ];

    /// <summary>Kinds of evidence that end soon or have ended, one sentence for each.</summary>
    public static IReadOnlyList<string> Endings(TrustPolicy policy, DateTimeOffset now) =>
    [
        .. from entry in policy.Signatures.All
           from kind in entry.Kinds
           where entry.EndOf(kind) is { } end && end - now < Notice
           select Ending(entry, kind, now),
    ];

    internal static void Advise(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        foreach (var entry in draft.Signatures.Where(e => e.NotaryV1 && !draft.Pinning.EffectivePins().Any(p => Overlap(p.Pattern, e.Pattern))))
        {
            findings.Warning(
                $"{stanza.PathOf(Name)}[{ConfigText.Quote(entry.Pattern)}]",
                "notary-v1, and no pin that covers any of these repositories",
                "a pin in trust-pinning",
                "pin the root key of these repositories, or remove notary-v1");
        }
    }

    private static string Ending(SignaturePolicy entry, EvidenceKind kind, DateTimeOffset now)
    {
        var last = entry.AcceptUntil[kind].ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var where = $"{Name}[{ConfigText.Quote(entry.Pattern)}]: {kind.ToText()}";
        return entry.EndOf(kind) <= now
            ? $"{where} counts no longer since {last}; remove it, or set a later date in accept-until"
            : $"{where} counts until {last}; content-trust report --host lists what rests on it alone";
    }

    private static string Describe(SignaturePolicy entry) =>
        $"{entry.Pattern}: {entry.Require.ToString().ToLowerInvariant()} of {string.Join(", ", entry.Kinds.Select(k => Describe(entry, k)))}";

    private static string Describe(SignaturePolicy entry, EvidenceKind kind)
    {
        var until = entry.AcceptUntil.TryGetValue(kind, out var last) ? $" until {last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "";
        return (entry.DemandOf(kind)?.Describe() ?? kind.ToText()) + until;
    }

    private static bool Overlap(string one, string other)
    {
        var (first, second) = (one.TrimEnd('*'), other.TrimEnd('*'));
        return (one.EndsWith('*') && second.StartsWith(first, StringComparison.Ordinal))
            || (other.EndsWith('*') && first.StartsWith(second, StringComparison.Ordinal))
            || one == other;
    }
}
