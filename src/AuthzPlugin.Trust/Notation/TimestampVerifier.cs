using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Trust.Notation;

/// <summary>A verified timestamp, or why it is none.</summary>
/// <param name="Info">Null when it is not verified.</param>
/// <param name="Problem">Half a sentence.</param>
/// <param name="Until">When what is known of revoked certificates, and it rests on, is out of date.</param>
/// <param name="IsUnknown">All that is wrong is that a certificate may be revoked.</param>
internal sealed record TimestampResult(TimestampInfo? Info, string Problem, DateTimeOffset? Until, bool IsUnknown)
{
    internal static TimestampResult Failed(string problem, bool isUnknown = false) => new(null, problem, null, isUnknown);
}

/// <summary>
/// Verifies a timestamp countersignature over a signature (trust-store-trust-policy.md, "Validate Authentic Timestamp"). Its certificates must
/// lead to a root of a tsa trust store, meet the rules for timestamping, be valid at the time that it names, and not be revoked.
/// </summary>
/// <param name="questions">Takes what may be asked about the certificates of the timestamp.</param>
internal sealed class TimestampVerifier(RevocationKnowledge revocation, ICollection<RevocationQuestion> questions, DateTimeOffset now)
{
    private const int MaxChain = 8;
    private const int MaxChecks = 16;

    internal TimestampResult Verify(ReadOnlyMemory<byte>? token, ReadOnlyMemory<byte> signature, IReadOnlyList<NotationCertificate> roots)
    {
        if (token is not { } bytes)
        {
            return TimestampResult.Failed("it has no timestamp");
        }

        try
        {
            var read = TimestampToken.Read(bytes);
            return read.FindSigner() is { } signer
                ? Verify(read, signer, signature, roots)
                : TimestampResult.Failed("its timestamp is not signed by a certificate in it");
        }
        catch (FormatException e)
        {
            return TimestampResult.Failed(e.Message);
        }
    }

    private TimestampResult Verify(
        TimestampToken token, NotationCertificate signer, ReadOnlyMemory<byte> signature, IReadOnlyList<NotationCertificate> roots)
    {
        var info = TimestampInfo.Read(token.Content);
        if (!info.IsOver(signature))
        {
            return TimestampResult.Failed("its timestamp is over something else");
        }

        var checks = 0;
        if (FindChain([signer], token.Certificates, roots, ref checks) is not { } chain)
        {
            return TimestampResult.Failed("its timestamp leads to no certificate of a tsa trust store");
        }

        if (ChainRules.FindProblem(chain, forTimestamps: true) is { } broken)
        {
            return TimestampResult.Failed($"its timestamp {broken}");
        }

        if (chain.Find(c => info.Lower < c.NotBefore || info.Upper > c.NotAfter) is { } late)
        {
            return TimestampResult.Failed($"the certificate of {late} was not valid when its timestamp was made");
        }

        return revocation.FindProblem(chain, now, questions, out var until) is { } problem
            ? TimestampResult.Failed(problem.Text, problem.IsUnknown)
            : new TimestampResult(info, "", until, IsUnknown: false);
    }

    // Depth first, the trusted roots before the token's own certificates.
    private static List<NotationCertificate>? FindChain(
        List<NotationCertificate> chain, IReadOnlyList<NotationCertificate> others, IReadOnlyList<NotationCertificate> roots, ref int checks)
    {
        var last = chain[^1];
        if (roots.Contains(last))
        {
            return chain;
        }

        foreach (var issuer in chain.Count < MaxChain ? roots.Concat(others) : [])
        {
            if (!chain.Contains(issuer)
                && last.Fields.Issuer.Span.SequenceEqual(issuer.Fields.Subject.Span)
                && ++checks <= MaxChecks
                && CertificateSignature.IsBy(last, issuer)
                && FindChain([.. chain, issuer], others, roots, ref checks) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
