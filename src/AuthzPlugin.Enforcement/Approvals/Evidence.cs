using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>What spoke for an image's content under an entry of <c>signature-policies</c>.</summary>
public sealed record Evidence
{
    /// <summary>See <see cref="EvidenceKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The keys that signed; for Notary v1 the pinned root keys; none for kinds that go by who signed.</summary>
    public required IReadOnlyList<string> KeyIds { get; init; }

    /// <summary>What the signatures had to say beside the digest, as <c>name=value</c>; null: nothing.</summary>
    public IReadOnlyList<string>? Annotations { get; init; }

    /// <summary>Who signed, for kinds that go by certificates; null: see the keys.</summary>
    public IReadOnlyList<string>? Signers { get; init; }

    /// <summary>The fingerprint of what was asked for (<see cref="SignatureDemand.Fingerprint"/>); null: the keys are compared instead.</summary>
    public string? Demand { get; init; }

    /// <summary>When it counts no more by itself; null: never.</summary>
    public DateTimeOffset? CountsUntil { get; init; }
}
