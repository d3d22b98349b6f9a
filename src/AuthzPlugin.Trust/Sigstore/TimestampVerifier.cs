using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>A time that a pinned authority attests.</summary>
/// <param name="By">Who attests it, for a check line.</param>
internal readonly record struct AttestedTime(DateTimeOffset Time, string By);

/// <summary>
/// RFC 3161 timestamps over a signature: the response is granted, its imprint (SHA-2) is of the signature's bytes, and the signer is a
/// pinned authority's whose certificates and window of trust hold at the time stated.
/// </summary>
internal static class TimestampVerifier
{
    /// <summary>Most bytes of one timestamp.</summary>
    internal const int MaxBytes = 64 * 1024;

    /// <summary>Most timestamps that come with one signature.</summary>
    internal const int MaxCount = 8;

    private static readonly string[] HashAlgorithms = ["2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"];

    /// <exception cref="FormatException">It is no response with a timestamp.</exception>
    internal static (AttestedTime? Time, string? Fault) Verify(byte[] response, byte[] signature, IReadOnlyList<PinnedAuthority> authorities)
    {
        if (authorities.Count == 0)
        {
            return (null, "the root file names no timestamp authority");
        }

        if (ReadToken(response) is not { } token)
        {
            return (null, "its timestamp was not granted, or is by somebody who may not sign timestamps or could not then");
        }

        if (!HashAlgorithms.Contains(token.TokenInfo.HashAlgorithmId.Value))
        {
            return (null, "its timestamp hashes with something else than SHA-2");
        }

        using var candidates = new Candidates(authorities);
        X509Certificate2? signer;
        try
        {
            if (!token.VerifySignatureForData(signature, out signer, candidates.Certificates))
            {
                return (null, "its timestamp is not over this signature, or by nobody that the root file names");
            }
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The platform's words for a signer's key that it cannot read.
            throw new FormatException("a timestamp is malformed", e);
        }

        using (signer)
        {
            return FindAuthority(DerCertificate.Read(signer.RawData), token.TokenInfo.Timestamp, authorities);
        }
    }

    private static (AttestedTime? Time, string? Fault) FindAuthority(DerCertificate signer, DateTimeOffset time, IReadOnlyList<PinnedAuthority> authorities)
    {
        var fault = "its timestamp is by nobody that the root file names";
        foreach (var authority in authorities)
        {
            // Where the signer itself is pinned, no other certificate of the same authority counts.
            if ((authority.Signer is { } pinned && !pinned.Raw.AsSpan().SequenceEqual(signer.Raw)) || authority.IssuerOf(signer) is not { } issuer)
            {
                continue;
            }

            if (authority.FindSignerFault(signer) is not null || !CertificateRules.IsOnlyFor(signer, CertificateRules.TimeStamping))
            {
                fault = "the signer of its timestamp may not sign timestamps";
            }
            else if (authority.FindFault(signer, issuer, time) is { } other)
            {
                fault = $"its timestamp does not count: {other}";
            }
            else
            {
                return (new AttestedTime(time, "a timestamp authority"), null);
            }
        }

        return (null, fault);
    }

    /// <summary>
    /// The token of a TimeStampResp (RFC 3161 2.4.2) that was granted; null when it was not, or when the platform refuses the token, which
    /// it does for the purpose and the time of a certificate in it too.
    /// </summary>
    /// <exception cref="FormatException">It is no response.</exception>
    private static Rfc3161TimestampToken? ReadToken(byte[] response)
    {
        if (response.Length > MaxBytes)
        {
            throw new FormatException("a timestamp is larger than one may be");
        }

        try
        {
            var reader = new AsnReader(response, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var granted = sequence.ReadSequence().TryReadInt32(out var status) && status is 0 or 1;
            if (!granted || !sequence.HasData)
            {
                return null;
            }

            var encoded = sequence.ReadEncodedValue();
            sequence.ThrowIfNotEmpty();
            return Rfc3161TimestampToken.TryDecode(encoded, out var token, out var consumed) && consumed == encoded.Length ? token : null;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or PlatformNotSupportedException)
        {
            throw new FormatException("a timestamp is malformed", e);
        }
    }

    /// <summary>The pinned signers, for tokens that do not bring their certificate.</summary>
    private sealed class Candidates : IDisposable
    {
        internal Candidates(IReadOnlyList<PinnedAuthority> authorities)
        {
            foreach (var authority in authorities)
            {
                if (authority.Signer is { } signer)
                {
                    Certificates.Add(X509CertificateLoader.LoadCertificate(signer.Raw));
                }
            }
        }

        internal X509Certificate2Collection Certificates { get; } = [];

        public void Dispose()
        {
            foreach (var certificate in Certificates)
            {
                certificate.Dispose();
            }
        }
    }
}
