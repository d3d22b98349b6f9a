using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>The checks of one signature in their order, and what each found.</summary>
internal sealed class KeylessVerification(SigstoreRoot root, IReadOnlyList<KeylessIdentity> identities)
{
    private readonly List<KeylessCheck> _checks = [];

    internal KeylessFinding Invalid(KeylessFault fault, string detail) => KeylessFinding.Invalid(fault, detail, _checks);

    /// <summary>Who signed the bytes, whatever they say.</summary>
    /// <exception cref="FormatException">Something is malformed.</exception>
    internal KeylessFinding Verify(VerificationMaterial material, SignedContent content)
    {
        var certificate = material.Certificate;
        var issuers = FindIssuers(certificate);
        if (issuers.Count == 0)
        {
            return Invalid(KeylessFault.WrongCertificate, "was made with a certificate of no authority that the root file names");
        }

        if (issuers[0].Authority.FindSignerFault(certificate) is { } weak)
        {
            return Invalid(KeylessFault.WrongCertificate, $"was made with a certificate that {weak}");
        }

        if (CosignKey.Find(certificate.PublicKeyInfo) is not { } key || !key.Verify(content.Message, content.Signature))
        {
            return Invalid(KeylessFault.WrongSignature, "was not made with the key of its certificate");
        }

        var (stamped, timeFault) = ReadTimestamps(material, content);
        var (entry, logFault) = FindEntry(material, content, stamped);
        if (entry is null)
        {
            return Invalid(KeylessFault.NotLogged, $"does not count: {logFault}");
        }

        List<AttestedTime> times = entry.Time is { } logged ? [new AttestedTime(logged, "its log"), .. stamped] : stamped;
        if (times.Count == 0)
        {
            return Invalid(KeylessFault.NoTime, $"does not count: {timeFault ?? "nobody that the root file names attests when it was made"}");
        }

        var faults = issuers.ConvertAll(i => FindFault(certificate, i, times));
        if (faults.TrueForAll(f => f is not null))
        {
            return Invalid(KeylessFault.WrongCertificate, $"does not count: {faults[0]}");
        }

        _checks.Add(new KeylessCheck("certificate", $"of a pinned authority, valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}"));
        AddLogChecks(entry, times);
        return VerifyOwner(certificate, issuers[faults.IndexOf(null)].Certificate, times.Min(t => t.Time));
    }

    private KeylessFinding VerifyOwner(DerCertificate certificate, DerCertificate issuer, DateTimeOffset signedAt)
    {
        var (log, fault) = SignedCertificateTimestamp.FindLog(certificate, issuer, root.CertificateLogs);
        if (log is null)
        {
            return Invalid(KeylessFault.NoCertificateLog, $"does not count: {fault}");
        }

        _checks.Add(new KeylessCheck("sct", $"by the certificate transparency log {log.IdText}"));
        var claims = CertificateClaims.Read(certificate);
        foreach (var identity in identities)
        {
            if (identity.Matches(claims))
            {
                _checks.Add(new KeylessCheck("identity", $"{claims.Subject} of {claims.Issuer}"));
                return KeylessFinding.Valid(new KeylessSigner(identity, claims.Issuer, claims.Subject, signedAt), _checks);
            }
        }

        return Invalid(KeylessFault.WrongIdentity, $"was made by {claims.Subject} of {claims.Issuer}, whom the policy does not name");
    }

    /// <summary>Those that issued it: several when the root file names a certificate in two windows of time.</summary>
    private List<(PinnedAuthority Authority, DerCertificate Certificate)> FindIssuers(DerCertificate certificate)
    {
        var result = new List<(PinnedAuthority, DerCertificate)>();
        foreach (var authority in root.Authorities)
        {
            if (authority.IssuerOf(certificate) is { } issuer)
            {
                result.Add((authority, issuer));
            }
        }

        return result;
    }

    /// <summary>Why the issuer's word did not count at one of the times; null when it did at all.</summary>
    private static string? FindFault(DerCertificate certificate, (PinnedAuthority Authority, DerCertificate Certificate) issuer, List<AttestedTime> times)
    {
        foreach (var time in times)
        {
            if (issuer.Authority.FindFault(certificate, issuer.Certificate, time.Time) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>The times of pinned authorities. A timestamp by somebody else is as good as none, so it is passed over.</summary>
    private (List<AttestedTime> Times, string? Fault) ReadTimestamps(VerificationMaterial material, SignedContent content)
    {
        var (times, fault) = (new List<AttestedTime>(), (string?)null);
        foreach (var timestamp in material.Timestamps)
        {
            var (time, why) = TimestampVerifier.Verify(timestamp, content.Signature, root.TimestampAuthorities);
            if (time is { } attested)
            {
                times.Add(attested);
            }

            fault ??= why;
        }

        return (times, fault);
    }

    /// <summary>An entry of a pinned log. Those of other logs are passed over; one of a pinned log that is wrong spoils the signature.</summary>
    private (VerifiedEntry? Entry, string? Fault) FindEntry(VerificationMaterial material, SignedContent content, List<AttestedTime> stamped)
    {
        VerifiedEntry? found = null;
        foreach (var entry in material.Entries)
        {
            var (verified, fault) = LogEntryVerifier.Verify(entry, content, material.Certificate, root.Logs, [.. stamped.Select(t => t.Time)]);
            if (fault is not null)
            {
                return (null, fault);
            }

            found ??= verified;
        }

        return (found, material.Entries.Count == 0 ? "it has no log entry" : "its log entry is of a log that the root file does not name");
    }

    private void AddLogChecks(VerifiedEntry entry, List<AttestedTime> times)
    {
        var how = (entry.Entry.Promise, entry.Entry.Proof) switch
        {
            (not null, not null) => "signed entry timestamp and inclusion proof",
            (not null, null) => "signed entry timestamp",
            _ => "inclusion proof",
        };
        _checks.Add(new KeylessCheck("log", $"entry {entry.Entry.LogIndex} of the log {entry.Log.IdText} ({how})"));
        _checks.Add(new KeylessCheck("time", string.Join(", ", times.Select(t => $"{t.Time:u} by {t.By}"))));
    }
}
