using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What counts as a cosign signature made with a short-lived certificate.</summary>
public sealed record KeylessPolicy : SignatureDemand
{
    /// <summary>How far an attested time may lie ahead of this host's clock, where the clock matters.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public override EvidenceKind Kind => EvidenceKind.Keyless;

    /// <summary>Who vouches for signers.</summary>
    public required SigstoreRoot Root { get; init; }

    /// <summary>Whose signatures count; one of them is enough.</summary>
    public required IReadOnlyList<KeylessIdentity> Identities { get; init; }

    public override int Threshold { get; init; } = 1;

    /// <summary>What every counting signature must say beside the digest.</summary>
    public FrozenDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>How old a signature may be, by the time that is attested for it; null: any age.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <inheritdoc/>
    /// <remarks>The order of the identities is no meaning.</remarks>
    public override string Fingerprint => FingerprintOf(
        string.Create(CultureInfo.InvariantCulture, $"{Threshold} of {Identities.Count} by {Root.Id} within {MaxAge?.Ticks ?? 0}"),
        Identities.Select(i => i.Key).Order(StringComparer.Ordinal).Concat(Parts(Annotations)));

    /// <inheritdoc/>
    public override string Describe() =>
        $"keyless by {ConfigText.OneOf(Identities.Select(i => ConfigText.Quote(i.ToString())))}{Describe(Annotations)}"
        + $"{(MaxAge is { } age ? $" of the last {Duration.Format(age)}" : "")}, trusted root {Root}";

    public bool Equals(KeylessPolicy? other) => other is not null && Fingerprint == other.Fingerprint;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Fingerprint);

    internal override string HowToSign(RepositoryName repository, Digest digest) =>
        $"cosign sign {repository}@{digest} as {ConfigText.Escape(Identities[0].ToString())}";

    internal override SignatureVerdict Examine(ImageSignature signature, Digest image, DateTimeOffset now)
    {
        if (signature is not CosignSignature cosign)
        {
            return SignatureVerdict.Invalid("is no signature of cosign");
        }

        var finding = KeylessVerifier.Verify(cosign, image, Root, Identities, Annotations);
        if (!finding.IsValid)
        {
            return SignatureVerdict.Invalid(finding.Detail);
        }

        return FindAgeFault(finding.Signer.SignedAt, now) is { } fault
            ? SignatureVerdict.Invalid(fault)
            : SignatureVerdict.Valid(
                $"{finding.Signer.Subject} of {finding.Signer.Issuer}",
                finding.Detail,
                finding.Signer.SignedAt + MaxAge,
                [.. finding.Checks.Select(c => $"{c.Name}: {c.Detail}")]);
    }

    private string? FindAgeFault(DateTimeOffset signedAt, DateTimeOffset now) => MaxAge switch
    {
        null => null,
        { } age when signedAt + age <= now => $"was made at {signedAt:u}, and signatures count for {Duration.Format(age)} only",
        _ when signedAt > now + Skew => $"was made at {signedAt:u}, which is not yet by the clock of this host",
        _ => null,
    };
}
