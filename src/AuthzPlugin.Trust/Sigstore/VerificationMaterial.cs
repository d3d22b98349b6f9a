using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>What comes with a signature that a certificate made, from a bundle or from a layer's annotations: unverified.</summary>
/// <param name="Certificate">The signer's; other certificates that come with it are never used.</param>
/// <param name="Timestamps">RFC 3161 responses.</param>
internal sealed record VerificationMaterial(DerCertificate Certificate, IReadOnlyList<LogEntry> Entries, IReadOnlyList<byte[]> Timestamps)
{
    private const int MaxCertificates = 8;
    private const int MaxDepth = 8;
    private const int MaxTokens = 256;

    /// <summary>Most characters of an annotation.</summary>
    private const int MaxText = 256 * 1024;

    /// <summary>Reads <c>verificationMaterial</c> of a bundle; null when the signature was made with a key.</summary>
    /// <param name="needsProof">Bundles of 0.2 and newer must have inclusion proofs, those of 0.1 promises.</param>
    /// <exception cref="FormatException">It is malformed.</exception>
    internal static VerificationMaterial? Read(JsonValue material, bool needsProof)
    {
        if (ReadCertificate(material) is not { } certificate)
        {
            return null;
        }

        var (entries, timestamps) = (new List<LogEntry>(), new List<byte[]>());
        foreach (var entry in Items(material.FindNotNull("tlogEntries"), LogEntry.MaxCount, "log entries"))
        {
            var read = ReadEntry(entry);
            if (needsProof ? read.Proof is null : read.Promise is null)
            {
                throw new FormatException(needsProof ? "a log entry has no inclusion proof" : "a log entry has no promise");
            }

            entries.Add(read);
        }

        var list = material.FindNotNull("timestampVerificationData")?.FindNotNull("rfc3161Timestamps");
        foreach (var timestamp in Items(list, TimestampVerifier.MaxCount, "timestamps"))
        {
            timestamps.Add(StrictBase64.Decode(timestamp.Get("signedTimestamp").Utf8));
        }

        return new VerificationMaterial(certificate, entries, timestamps);
    }

    /// <summary>Reads the annotations of cosign 1 and 2.</summary>
    /// <exception cref="FormatException">They are malformed.</exception>
    internal static VerificationMaterial Read(Cosign.CertificateAnnotations annotations)
    {
        var pem = Bounded(annotations.Certificate);
        if (pem.AsSpan().Count("-----BEGIN") != 1 || !PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "CERTIFICATE")
        {
            throw new FormatException("the certificate is not exactly one PEM block");
        }

        return new VerificationMaterial(
            DerCertificate.Read(Convert.FromBase64String(pem[fields.Base64Data])),
            annotations.LogEntry is { } entry ? [ReadAnnotatedEntry(Bounded(entry))] : [],
            annotations.Timestamp is { } timestamp ? [ReadAnnotatedTimestamp(Bounded(timestamp))] : []);
    }

    private static DerCertificate? ReadCertificate(JsonValue material)
    {
        if (material.FindNotNull("certificate") is { } single)
        {
            return DerCertificate.Read(StrictBase64.Decode(single.Get("rawBytes").Utf8));
        }

        if (material.FindNotNull("x509CertificateChain") is not { } chain)
        {
            return null;
        }

        DerCertificate? first = null;
        foreach (var item in Items(chain.Get("certificates"), MaxCertificates, "certificates"))
        {
            var certificate = DerCertificate.Read(StrictBase64.Decode(item.Get("rawBytes").Utf8));
            if (certificate.Issuer.AsSpan().SequenceEqual(certificate.Subject))
            {
                // The bundle's own rule: who verifies has the roots already.
                throw new FormatException("a root certificate comes with it");
            }

            first ??= certificate;
        }

        return first ?? throw new FormatException("its chain of certificates is empty");
    }

    private static LogEntry ReadEntry(JsonValue entry)
    {
        var kind = entry.FindNotNull("kindVersion");
        var time = entry.FindNotNull("integratedTime") is { } value ? Number(value) : 0;
        return new LogEntry(
            StrictBase64.Decode(entry.Get("logId").Get("keyId").Utf8),
            NotNegative(entry.FindNotNull("logIndex")),
            time == 0 ? null : time,
            kind is { } present ? (present.Get("kind").GetString(), present.Get("version").GetString()) : null,
            entry.FindNotNull("inclusionPromise") is { } promise ? StrictBase64.Decode(promise.Get("signedEntryTimestamp").Utf8) : null,
            entry.FindNotNull("inclusionProof") is { } proof ? ReadProof(proof) : null,
            StrictBase64.Decode(entry.Get("canonicalizedBody").Utf8));
    }

    private static InclusionProof ReadProof(JsonValue proof)
    {
        var hashes = new List<byte[]>();
        foreach (var hash in Items(proof.FindNotNull("hashes"), MerkleTree.MaxPath, "hashes"))
        {
            hashes.Add(StrictBase64.Decode(hash.Utf8));
        }

        return new InclusionProof(
            NotNegative(proof.FindNotNull("logIndex")),
            NotNegative(proof.FindNotNull("treeSize")),
            proof.FindNotNull("rootHash") is { } root ? StrictBase64.Decode(root.Utf8) : null,
            hashes,
            proof.Get("checkpoint").Get("envelope").GetString());
    }

    private static LogEntry ReadAnnotatedEntry(string text)
    {
        var root = StrictJson.Parse(Encoding.UTF8.GetBytes(text), MaxDepth, MaxTokens).Root;
        var payload = root.Get("Payload");
        var id = payload.Get("logID").GetString();
        return new LogEntry(
            IsLowerHex(id) ? Convert.FromHexString(id) : throw new FormatException("the id of a log is not lower-case hex"),
            NotNegative(payload.Get("logIndex")),
            Number(payload.Get("integratedTime")),
            null,
            StrictBase64.Decode(root.Get("SignedEntryTimestamp").Utf8),
            null,
            StrictBase64.Decode(payload.Get("body").Utf8));
    }

    private static byte[] ReadAnnotatedTimestamp(string text) =>
        StrictBase64.Decode(StrictJson.Parse(Encoding.UTF8.GetBytes(text), MaxDepth, MaxTokens).Root.Get("SignedRFC3161Timestamp").Utf8);

    private static List<JsonValue> Items(JsonValue? list, int most, string what)
    {
        var result = new List<JsonValue>();
        if (list is not { } present)
        {
            return result;
        }

        foreach (var item in present.Items())
        {
            if (result.Count == most)
            {
                throw new FormatException($"it has more than {most} {what}");
            }

            result.Add(item);
        }

        return result;
    }

    /// <summary>A number, which protobuf's JSON writes as a text.</summary>
    private static long Number(JsonValue value) => value.Kind != JsonKind.String
        ? value.GetInt64()
        : long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("a value of it is no number");

    /// <summary>Protobuf leaves out a zero.</summary>
    private static long NotNegative(JsonValue? value) =>
        (value is { } present ? Number(present) : 0) is var number and >= 0 ? number : throw new FormatException("an index or a size is negative");

    private static bool IsLowerHex(string text) => text.Length % 2 == 0 && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    private static string Bounded(string text) => text.Length <= MaxText ? text : throw new FormatException("an annotation is larger than one may be");
}
