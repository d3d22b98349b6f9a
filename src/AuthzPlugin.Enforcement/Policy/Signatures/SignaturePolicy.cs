using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>The kinds of evidence that a policy can accept.</summary>
public enum EvidenceKind
{
    /// <summary>Notary v1 trust data, with the keys of <c>trust-pinning</c>.</summary>
    NotaryV1,

    /// <summary>cosign signatures with keys.</summary>
    Cosign,
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
    public static IReadOnlyList<EvidenceKind> All { get; } = [EvidenceKind.NotaryV1, EvidenceKind.Cosign];

    /// <summary>The kinds of an earlier decision; none in the list: Notary v1 alone.</summary>
    internal static EvidenceKind[] Of(IReadOnlyList<Evidence>? evidence) => evidence is { Count: > 0 }
        ? [.. All.Where(k => evidence.Any(e => e.Kind == k.ToText()))]
        : [EvidenceKind.NotaryV1];

    /// <summary><c>notary-v1</c>, <c>cosign</c>.</summary>
    public static string ToText(this EvidenceKind kind) => kind switch
    {
        EvidenceKind.NotaryV1 => "notary-v1",
        EvidenceKind.Cosign => "cosign",
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

    /// <summary>Null: cosign does not count.</summary>
    public CosignPolicy? Cosign { get; init; }

    /// <summary>The last day (UTC) on which a kind counts; kinds that are not here count for ever.</summary>
    public FrozenDictionary<EvidenceKind, DateOnly> AcceptUntil { get; init; } = FrozenDictionary<EvidenceKind, DateOnly>.Empty;

    /// <summary>The kinds that the entry names.</summary>
    public IEnumerable<EvidenceKind> Kinds => EvidenceKinds.All.Where(k => k == EvidenceKind.NotaryV1 ? NotaryV1 : Cosign is not null);

    /// <summary>The kinds that count at a time: those that will not end come first, so that it shows what rests on an ending one alone.</summary>
    public IReadOnlyList<EvidenceKind> Counting(DateTimeOffset now) =>
        [.. Kinds.Where(k => !(EndOf(k) <= now)).OrderByDescending(k => EndOf(k) ?? DateTimeOffset.MaxValue)];

    /// <summary>The first moment at which a kind no longer counts; null: never.</summary>
    public DateTimeOffset? EndOf(EvidenceKind kind) =>
        AcceptUntil.TryGetValue(kind, out var last) ? new DateTimeOffset(last.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) : null;
}

/// <summary>What counts as a cosign signature.</summary>
public sealed record CosignPolicy
{
    /// <summary>Each key once.</summary>
    public required IReadOnlyList<CosignKey> Keys { get; init; }

    /// <summary>How many different keys must have signed.</summary>
    public int Threshold { get; init; } = 1;

    /// <summary>What every counting signature must say beside the digest.</summary>
    public FrozenDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Changes when the meaning changes; the order of keys is none. 64 lower-case hex digits.</summary>
    public string Fingerprint => ComputeFingerprint();

    public bool Equals(CosignPolicy? other) => other is not null && Fingerprint == other.Fingerprint;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Fingerprint);

    private string ComputeFingerprint()
    {
        // Lengths keep the parts apart, whatever is in them.
        var text = new StringBuilder(string.Create(null, $"{Threshold} of {Keys.Count}"));
        foreach (var part in Keys.Select(k => k.Id).Order(StringComparer.Ordinal)
            .Concat(Annotations.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => new[] { a.Key, a.Value })))
        {
            text.Append(null, $" {part.Length}:{part}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
