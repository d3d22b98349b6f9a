using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Approvals;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>The kinds of evidence that a policy can accept.</summary>
public enum EvidenceKind
{
    /// <summary>Notary v1 trust data, with the keys of <c>trust-pinning</c>.</summary>
    NotaryV1,

    /// <summary>cosign signatures with keys.</summary>
    Cosign,

    /// <summary>cosign signatures with short-lived certificates.</summary>
    Keyless,

    /// <summary>Signatures of the CNCF Notary Project, which notation makes, under a trust policy.</summary>
    Notation,
}

/// <summary>How many of the kinds that an entry names must speak for an image.</summary>
public enum EvidenceRule
{
    /// <summary>One of them (<c>any</c>).</summary>
    Any,

    /// <summary>Every one that still counts (<c>all</c>).</summary>
    All,
}

/// <summary>Names of the kinds outside this program.</summary>
public static class EvidenceKinds
{
    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<EvidenceKind> All { get; } = [EvidenceKind.NotaryV1, EvidenceKind.Cosign, EvidenceKind.Keyless, EvidenceKind.Notation];

    /// <summary>The kinds of an earlier decision; none in the list: Notary v1 alone.</summary>
    internal static EvidenceKind[] Of(IReadOnlyList<Evidence>? evidence) => evidence is { Count: > 0 } ? ThatSpeak(evidence) : [EvidenceKind.NotaryV1];

    /// <summary>The kinds in a list of evidence, each once.</summary>
    internal static EvidenceKind[] ThatSpeak(IReadOnlyList<Evidence> evidence) => [.. All.Where(k => evidence.Any(e => e.Kind == k.ToText()))];

    /// <summary><c>notary-v1</c>, <c>cosign</c>, <c>keyless</c>, <c>notation</c>.</summary>
    public static string ToText(this EvidenceKind kind) => kind switch
    {
        EvidenceKind.NotaryV1 => "notary-v1",
        EvidenceKind.Cosign => "cosign",
        EvidenceKind.Keyless => "keyless",
        EvidenceKind.Notation => "notation",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <summary>One entry of <c>signature-policies</c>: what must have signed the images of the repositories that it covers.</summary>
public sealed record SignaturePolicy
{
    /// <summary>A repository, or the beginning of one followed by <c>*</c>.</summary>
    public required string Pattern { get; init; }

    public EvidenceRule Require { get; init; } = EvidenceRule.Any;

    /// <summary>Whether Notary v1 counts.</summary>
    public bool NotaryV1 { get; init; }

    /// <summary>The other kinds that count, each at most once.</summary>
    public IReadOnlyList<SignatureDemand> Demands { get; init; } = [];

    /// <summary>The last day (UTC) on which a kind counts; kinds that are not here count for ever.</summary>
    public FrozenDictionary<EvidenceKind, DateOnly> AcceptUntil { get; init; } = FrozenDictionary<EvidenceKind, DateOnly>.Empty;

    /// <summary>The kinds that the entry names.</summary>
    public IEnumerable<EvidenceKind> Kinds => EvidenceKinds.All.Where(k => k == EvidenceKind.NotaryV1 ? NotaryV1 : DemandOf(k) is not null);

    /// <summary>Null when the kind does not count, and for Notary v1, whose keys are those of <c>trust-pinning</c>.</summary>
    public SignatureDemand? DemandOf(EvidenceKind kind) => Demands.FirstOrDefault(d => d.Kind == kind);

    /// <summary>The kinds that count at a time: those that will not end come first, so that it shows what rests on an ending one alone.</summary>
    public IReadOnlyList<EvidenceKind> Counting(DateTimeOffset now) =>
        [.. Kinds.Where(k => !(EndOf(k) <= now)).OrderByDescending(k => EndOf(k) ?? DateTimeOffset.MaxValue)];

    /// <summary>The first moment at which a kind no longer counts; null: never.</summary>
    public DateTimeOffset? EndOf(EvidenceKind kind) =>
        AcceptUntil.TryGetValue(kind, out var last) ? new DateTimeOffset(last.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) : null;
}
