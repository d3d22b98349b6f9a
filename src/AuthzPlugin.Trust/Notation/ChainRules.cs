namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// The rules that certificates must meet whoever is trusted (signature-specification.md, "Certificate Requirements"). Only basic constraints,
/// key usage and extended key usage are honoured, and validity periods are not compared with each other, as the specification wants it.
/// </summary>
internal static class ChainRules
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    // anyExtendedKeyUsage, serverAuth, clientAuth, emailProtection, timeStamping and OCSPSigning, the last as notation has it.
    private static readonly string[] ForbiddenPurposes =
        ["2.5.29.37.0", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", TimeStamping, "1.3.6.1.5.5.7.3.9"];

    private const KeyUsages ForbiddenUsages = KeyUsages.KeyEncipherment | KeyUsages.DataEncipherment | KeyUsages.KeyAgreement
        | KeyUsages.CertificateSigning | KeyUsages.ListSigning | KeyUsages.EncipherOnly | KeyUsages.DecipherOnly;

    /// <summary>What is wrong, as half a sentence; null when nothing is. The chain is in order, the signing certificate first, the root last.</summary>
    internal static string? FindProblem(IReadOnlyList<NotationCertificate> chain, bool forTimestamps)
    {
        if (chain.Count == 0)
        {
            return "has no certificates";
        }

        for (var i = 0; i < chain.Count; i++)
        {
            var problem = ChainProblem(chain, i)
                ?? (i == 0 ? LeafProblem(chain[0], forTimestamps) : AuthorityProblem(chain[i], i - 1, forTimestamps));
            if (problem is not null)
            {
                return $"has a certificate ({chain[i]}) that {problem}";
            }
        }

        return null;
    }

    private static string? ChainProblem(IReadOnlyList<NotationCertificate> chain, int i)
    {
        var certificate = chain[i];
        if (CertificateKey.Kind(certificate) is null)
        {
            return "has no key of RSA with 2048 bits or more, or ECDSA on P-256, P-384 or P-521";
        }

        if (i == chain.Count - 1)
        {
            return certificate.IsSelfSigned ? null : "ends the chain and is no root";
        }

        if (certificate.IsSelfSigned)
        {
            return "signed itself and does not end the chain";
        }

        var issuer = chain[i + 1];
        return certificate.Fields.Issuer.Span.SequenceEqual(issuer.Fields.Subject.Span) && CertificateSignature.IsBy(certificate, issuer)
            ? null
            : "was not issued by the one after it";
    }

    private static string? AuthorityProblem(NotationCertificate certificate, int below, bool forTimestamps) => certificate.Extensions switch
    {
        { IsAuthority: false } => "is no certificate authority by a critical basic constraint",
        { PathLength: { } most } when most < below => "may not have so many certificates below it",
        { KeyUsage: null } => "has no key usage",
        { KeyUsageIsCritical: false } when !forTimestamps => "has a key usage that is not critical",
        { KeyUsage: { } usage } when !usage.HasFlag(KeyUsages.CertificateSigning) => "may not sign certificates",
        _ => null,
    };

    private static string? LeafProblem(NotationCertificate certificate, bool forTimestamps) => certificate.Extensions switch
    {
        { ClaimsAuthority: true } => "is a certificate authority",
        { KeyUsage: null } => "has no key usage",
        { KeyUsageIsCritical: false } when !forTimestamps => "has a key usage that is not critical",
        { KeyUsage: { } usage } when !usage.HasFlag(KeyUsages.DigitalSignature) => "may not sign",
        { KeyUsage: { } usage } when (usage & ForbiddenUsages) != 0 => "may do more than sign",
        _ when SigningAlgorithm.Of(certificate) is null => "has a key of a size that the specification does not have",
        { Purposes: var purposes, PurposesAreCritical: var critical } when forTimestamps && (!critical || purposes is not [TimeStamping]) =>
            "is not for timestamps alone",
        { Purposes: { } purposes } when !forTimestamps && purposes.Any(ForbiddenPurposes.Contains) => "has a purpose that a code signer must not have",
        _ => null,
    };
}
