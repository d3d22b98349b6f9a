using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Approvals;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What counts as a cosign signature.</summary>
public sealed record CosignPolicy : SignatureDemand
{
    public override EvidenceKind Kind => EvidenceKind.Cosign;

    /// <summary>Each key once.</summary>
    public required IReadOnlyList<CosignKey> Keys { get; init; }

    /// <summary>How many different keys must have signed.</summary>
    public override int Threshold { get; init; } = 1;

    /// <summary>What every counting signature must say beside the digest.</summary>
    public FrozenDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <inheritdoc/>
    /// <remarks>The order of the keys is no meaning.</remarks>
    public override string Fingerprint => FingerprintOf(
        string.Create(CultureInfo.InvariantCulture, $"{Threshold} of {Keys.Count}"), Keys.Select(k => k.Id).Order(StringComparer.Ordinal).Concat(Parts(Annotations)));

    /// <inheritdoc/>
    public override string Describe() => string.Create(
        CultureInfo.InvariantCulture, $"cosign by {Threshold} of the keys {string.Join(" ", Keys.Select(k => k.Id))}{Describe(Annotations)}");

    public bool Equals(CosignPolicy? other) => other is not null && Fingerprint == other.Fingerprint;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Fingerprint);

    internal override string HowToSign(RepositoryName repository, Digest digest) => $"cosign sign --key KEY {repository}@{digest}";

    internal override SignatureVerdict Examine(ImageSignature signature, Digest image, DateTimeOffset now)
    {
        if (signature is not CosignSignature cosign)
        {
            return SignatureVerdict.Invalid("is no signature of cosign");
        }

        var finding = CosignVerifier.Verify(cosign, image, Keys, Annotations);
        return finding.IsValid ? SignatureVerdict.Valid(finding.Key.Id, finding.Detail) : SignatureVerdict.Invalid(finding.Detail);
    }

    internal override Evidence ToEvidence(SignatureEvidence found) =>
        new() { Kind = Kind.ToText(), KeyIds = found.Signers, Annotations = DemandedAnnotations() };

    /// <summary>Keys are compared one by one, so that a key that is added or that replaces another ends no approval.</summary>
    internal override string? FindObjection(Evidence evidence, RepositoryName repository, DateTimeOffset now)
    {
        if (Keys.Count(k => evidence.KeyIds.Contains(k.Id, StringComparer.Ordinal)) < Threshold)
        {
            return $"the policy no longer holds enough of the cosign keys that signed {repository}";
        }

        return (DemandedAnnotations() ?? []).Except(evidence.Annotations ?? [], StringComparer.Ordinal).Any()
            ? $"the policy asks for other annotations of {repository} now"
            : null;
    }

    private IReadOnlyList<string>? DemandedAnnotations() =>
        Annotations.Count == 0 ? null : [.. Annotations.Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal)];
}
