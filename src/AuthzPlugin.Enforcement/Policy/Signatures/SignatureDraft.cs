using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What one entry of <c>signature-policies</c> says, while it is being read.</summary>
internal sealed class SignatureDraft
{
    /// <summary>The repositories that the entry covers.</summary>
    public string Pattern { get; init; } = "";

    public EvidenceRule? Require { get; set; }

    public bool NotaryV1 { get; set; }

    /// <summary>The kinds beside Notary v1 that the entry names, whether or not what they say is complete.</summary>
    public HashSet<EvidenceKind> Named { get; } = [];

    /// <summary>What they ask for; one with problems is not here.</summary>
    public List<SignatureDemand> Demands { get; } = [];

    public Dictionary<EvidenceKind, DateOnly> AcceptUntil { get; } = [];
}

/// <summary>What <c>cosign</c> says, while it is being read.</summary>
internal sealed class CosignDraft
{
    public bool HasKeys { get; set; }

    public List<CosignKey> Keys { get; } = [];

    public int? Threshold { get; set; }

    public Dictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);
}
