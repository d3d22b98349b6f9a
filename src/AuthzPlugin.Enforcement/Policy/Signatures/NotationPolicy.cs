using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;
using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>
/// What counts as a signature of the CNCF Notary Project: what a trust policy of notation says, with one difference. Where it skips
/// verification, nothing counts as signed; where it only logs authenticity, authenticity is enforced.
/// </summary>
public sealed record NotationPolicy : SignatureDemand
{
    public override EvidenceKind Kind => EvidenceKind.Notation;

    /// <summary>One signature is enough (notation counts no signers).</summary>
    public override int Threshold { get; init; } = 1;

    /// <summary>The file of the trust policy, for messages.</summary>
    public required string File { get; init; }

    public required NotationTrustPolicy TrustPolicy { get; init; }

    /// <summary>The statements that can apply to the repositories of the entry.</summary>
    public required IReadOnlyList<NotationStatement> Statements { get; init; }

    /// <summary>The stores that those statements name.</summary>
    public required FrozenDictionary<NotationStoreName, IReadOnlyList<NotationCertificate>> Stores { get; init; }

    /// <summary>Null: no folder of lists is configured.</summary>
    public RevocationKnowledge? Revocation { get; init; }

    /// <summary>The only hosts that are asked for revocation; empty: nobody is.</summary>
    public IReadOnlyList<RevocationHost> RevocationHosts { get; init; } = [];

    /// <summary>What every counting signature must say beside the digest.</summary>
    public FrozenDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>How old a signature may be by a trusted time; null: any age.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <inheritdoc/>
    public override string Fingerprint => FingerprintOf(
        string.Create(CultureInfo.InvariantCulture, $"{MaxAge?.Ticks} {Revocation is null}"),
        Statements.OrderBy(s => s.Name, StringComparer.Ordinal).SelectMany(Parts)
            .Concat(Stores.OrderBy(s => s.Key.ToString(), StringComparer.Ordinal).SelectMany(Parts))
            .Concat((Revocation?.Lists ?? []).Select(l => l.Thumbprint).Order(StringComparer.Ordinal))
            .Concat(Parts(Annotations))
            .Concat(RevocationHosts.Count == 0 ? [] : Sorted("revocation-hosts", RevocationHosts.Select(h => h.ToString()))));

    /// <summary>Whether a place that a certificate names may be asked for revocation.</summary>
    internal bool MayAsk(Uri place) => RevocationHosts.Any(h => h.Covers(place));

    /// <inheritdoc/>
    public override string Describe()
    {
        var age = MaxAge is { } most ? $" not older than {Duration.Format(most)}" : "";
        var lists = Revocation is { } known ? string.Create(CultureInfo.InvariantCulture, $" and {known.Lists.Count} lists of revoked certificates") : "";
        var hosts = RevocationHosts.Count == 0 ? "" : $" and revocation asked of {string.Join(", ", RevocationHosts)}";
        return $"notation by {ConfigText.Escape(File)} ({string.Join("; ", Statements.Select(Describe))}){lists}{hosts}{age}{Describe(Annotations)}";
    }

    public bool Equals(NotationPolicy? other) => other is not null && Fingerprint == other.Fingerprint;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Fingerprint);

    internal override string HowToSign(RepositoryName repository, Digest digest) => TrustPolicy.Match(repository) switch
    {
        null => $"notation sign {repository}@{digest}, and add a statement for {repository} to {ConfigText.Escape(File)}",
        { IsSkipped: true } skipped =>
            $"notation sign {repository}@{digest}, and let the statement {ConfigText.Escape(skipped.Name)} of {ConfigText.Escape(File)} verify it: "
            + "its level is skip, so nothing counts",
        _ => $"notation sign {repository}@{digest}",
    };

    internal override SignatureVerdict Examine(ImageSignature signature, Digest image, DateTimeOffset now) =>
        Examine(signature, image, now, Revocation ?? RevocationKnowledge.None).Verdict;

    /// <summary>The same with more knowledge about revocation than the policy's own.</summary>
    internal (SignatureVerdict Verdict, NotationFinding? Finding) Examine(
        ImageSignature signature, Digest image, DateTimeOffset now, RevocationKnowledge known)
    {
        if (signature is not PlacedNotationSignature placed || placed.Target.Digest != image)
        {
            return (SignatureVerdict.Invalid("is no signature of the Notary Project"), null);
        }

        if (TrustPolicy.Match(placed.Repository) is not { IsSkipped: false } statement)
        {
            var why = TrustPolicy.Match(placed.Repository) is { } skipped
                ? $"is not verified: the statement {skipped.Name} of {File} says skip, and what is not verified does not count"
                : $"is not verified: {File} has no statement for {placed.Repository}";
            return (SignatureVerdict.Invalid(why), null);
        }

        var trust = new NotationTrust { Statement = statement, Stores = Stores, Revocation = known, Annotations = Annotations, MaxAge = MaxAge };
        var finding = NotationVerifier.Verify(placed.Signature, placed.Target, trust, now);
        return (finding.IsValid ? SignatureVerdict.Valid(finding.Signer, finding.Detail, finding.Until) : SignatureVerdict.Invalid(finding.Detail), finding);
    }

    private string Describe(NotationStatement statement)
    {
        var stores = statement.Stores.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s} of {Stores.GetValueOrDefault(s)?.Count ?? 0}"));
        return $"{ConfigText.Escape(statement.Name)}: {statement.Level}{(statement.Stores.Count == 0 ? "" : " by ")}{string.Join(", ", stores)}";
    }

    private static IEnumerable<string> Parts(NotationStatement statement) =>
    [
        statement.Name,
        $"{statement.Level} {statement.LogsAuthenticity} {statement.AuthenticTimestamp} {statement.Expiry} {statement.Revocation}",
        $"{statement.TimestampsAfterExpiryOnly}",
        .. Sorted("scope", statement.Scopes),
        .. Sorted("store", statement.Stores.Select(s => s.ToString())),
        .. Sorted("identity", statement.Identities),
    ];

    private static IEnumerable<string> Parts(KeyValuePair<NotationStoreName, IReadOnlyList<NotationCertificate>> store) =>
        Sorted(store.Key.ToString(), store.Value.Select(c => c.Thumbprint));

    private static IEnumerable<string> Sorted(string what, IEnumerable<string> texts) => texts.Order(StringComparer.Ordinal).Prepend(what);
}
