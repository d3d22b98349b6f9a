using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// A certificate or timestamp authority of the root file: its chain, the last one being the anchor. Only what is pinned may issue: no
/// certificate that comes with a signature is ever used as an issuer.
/// </summary>
internal sealed class PinnedAuthority
{
    private readonly string _purpose;
    private readonly List<DerCertificate> _issuers;
    private readonly ValidityWindow _window;

    private PinnedAuthority(string purpose, DerCertificate? signer, List<DerCertificate> issuers, ValidityWindow window)
    {
        _purpose = purpose;
        Signer = signer;
        _issuers = issuers;
        _window = window;
    }

    /// <summary>The certificate that signs timestamps, where the chain begins with it.</summary>
    internal DerCertificate? Signer { get; }

    /// <summary>Takes a chain whose every link was checked; time is judged with each signature.</summary>
    /// <exception cref="FormatException">A link is wrong, or a certificate may not issue for the purpose.</exception>
    internal static PinnedAuthority Create(string purpose, IReadOnlyList<DerCertificate> chain, ValidityWindow window)
    {
        var isTimestamps = purpose == CertificateRules.TimeStamping;
        var signer = isTimestamps && chain.Count > 0 && CertificateRules.FindSignerFault(chain[0], purpose) is null ? chain[0] : null;
        var issuers = chain.Skip(signer is null ? 0 : 1).ToList();
        if (issuers.Count == 0)
        {
            throw new FormatException("an authority has no certificate that issues others");
        }

        for (var i = 0; i < issuers.Count; i++)
        {
            if (CertificateRules.FindAuthorityFault(issuers[i], purpose, below: i) is { } fault)
            {
                throw new FormatException($"a certificate of an authority {fault}");
            }
        }

        for (var i = 0; i < chain.Count - 1; i++)
        {
            if (!CertificateRules.IsIssuedBy(chain[i], chain[i + 1]))
            {
                throw new FormatException("the certificates of an authority are no chain");
            }
        }

        return new PinnedAuthority(purpose, signer, issuers, window);
    }

    /// <summary>The pinned certificate that issued it; null when none did.</summary>
    internal DerCertificate? IssuerOf(DerCertificate certificate) => _issuers.Find(issuer => CertificateRules.IsIssuedBy(certificate, issuer));

    /// <summary>Why the certificate that <see cref="IssuerOf"/> knows did not count at a time; null when it did.</summary>
    /// <exception cref="FormatException">An extension is malformed.</exception>
    internal string? FindFault(DerCertificate certificate, DerCertificate issuer, DateTimeOffset time)
    {
        if (!_window.Contains(time))
        {
            return $"the root file does not trust its authority at {time:u}";
        }

        if (!certificate.IsValidAt(time))
        {
            return $"its certificate is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}, not at {time:u}";
        }

        var from = _issuers.IndexOf(issuer);
        return _issuers.Skip(from).All(i => i.IsValidAt(time)) ? null : $"a certificate of its authority was not valid at {time:u}";
    }

    /// <summary>Why it may not sign for this authority's purpose; null when it may.</summary>
    /// <exception cref="FormatException">An extension is malformed.</exception>
    internal string? FindSignerFault(DerCertificate certificate) => CertificateRules.FindSignerFault(certificate, _purpose);
}
