using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>What spoke for an image's content under an entry of <c>signature-policies</c>.</summary>
public sealed record Evidence
{
    /// <summary>See <see cref="EvidenceKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The keys that signed; for Notary v1 the pinned root keys.</summary>
    public required IReadOnlyList<string> KeyIds { get; init; }

    /// <summary>What the signatures had to say beside the digest, as <c>name=value</c>; null: nothing.</summary>
    public IReadOnlyList<string>? Annotations { get; init; }

    internal static IReadOnlyList<string>? AnnotationsOf(CosignPolicy policy) => policy.Annotations.Count == 0
        ? null
        : [.. policy.Annotations.Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal)];
}
