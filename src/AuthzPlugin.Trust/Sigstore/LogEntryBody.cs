using System.Security.Cryptography;
using AuthzPlugin.Trust.Certificates;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// Whether an entry speaks of this signature: the same bytes signed, the same signature, the same certificate. Read only after the log's
/// signature over the entry was found good. Kinds: <c>hashedrekord</c> 0.0.1, <c>dsse</c> 0.0.1 and <c>intoto</c> 0.0.2 of Rekor 1,
/// <c>hashedrekord</c> 0.0.2 and <c>dsse</c> 0.0.2 of Rekor 2.
/// </summary>
internal static class LogEntryBody
{
    private const int MaxDepth = 16;
    private const int MaxTokens = 4096;
    private const string OtherContent = "is over other bytes";
    private const string OtherSignature = "is of another signature";
    private const string OtherCertificate = "is of another certificate";

    /// <summary>Why it does not speak of this signature, half a sentence about the entry; null when it does.</summary>
    /// <exception cref="FormatException">The body is malformed.</exception>
    internal static string? FindFault(LogEntry entry, SignedContent content, DerCertificate certificate)
    {
        var root = StrictJson.Parse(entry.Body, MaxDepth, MaxTokens).Root;
        var (kind, version) = (root.Get("kind").GetString(), root.Get("apiVersion").GetString());
        if (entry.KindVersion is { } stated && stated != (kind, version))
        {
            return $"is a {kind} {version} and not a {stated.Kind} {stated.Version}, as it says";
        }

        var spec = root.Get("spec");
        return (kind, version) switch
        {
            ("hashedrekord", "0.0.1") => FindHashedRekordFault(spec, content, certificate),
            ("hashedrekord", "0.0.2") => FindHashedRekord2Fault(spec.Get("hashedRekordV002"), content, certificate),
            ("dsse", "0.0.1") => FindDsseFault(spec, content, certificate),
            ("dsse", "0.0.2") => FindDsse2Fault(spec.Get("dsseV002"), content, certificate),
            ("intoto", "0.0.2") => FindInTotoFault(spec.Get("content"), content, certificate),
            _ => $"is a {kind} {version}, which is not known here",
        };
    }

    private static string? FindHashedRekordFault(JsonValue spec, SignedContent content, DerCertificate certificate)
    {
        var signature = spec.Get("signature");
        return Compare(
            IsHash(spec.Get("data").Get("hash"), content.Message),
            StrictBase64.Decode(signature.Get("content").Utf8),
            ReadPem(signature.Get("publicKey").Get("content")),
            content,
            certificate);
    }

    private static string? FindHashedRekord2Fault(JsonValue record, SignedContent content, DerCertificate certificate)
    {
        var signature = record.Get("signature");
        return Compare(
            IsHash2(record.Get("data"), content.Message),
            StrictBase64.Decode(signature.Get("content").Utf8),
            ReadVerifier(signature.Get("verifier")),
            content,
            certificate);
    }

    private static string? FindDsseFault(JsonValue spec, SignedContent content, DerCertificate certificate)
    {
        var signature = Single(spec.Get("signatures"));
        return Compare(
            content.EnvelopePayload is { } payload && IsHash(spec.Get("payloadHash"), payload),
            StrictBase64.Decode(signature.Get("signature").Utf8),
            ReadPem(signature.Get("verifier")),
            content,
            certificate);
    }

    private static string? FindDsse2Fault(JsonValue record, SignedContent content, DerCertificate certificate)
    {
        var signature = Single(record.Get("signatures"));
        return Compare(
            content.EnvelopePayload is { } payload && IsHash2(record.Get("payloadHash"), payload),
            StrictBase64.Decode(signature.Get("content").Utf8),
            ReadVerifier(signature.Get("verifier")),
            content,
            certificate);
    }

    private static string? FindInTotoFault(JsonValue body, SignedContent content, DerCertificate certificate)
    {
        // The entry has the envelope's signature as base64 of the base64 text.
        var signature = Single(body.Get("envelope").Get("signatures"));
        return Compare(
            content.EnvelopePayload is { } payload && IsHash(body.Get("payloadHash"), payload),
            StrictBase64.Decode(StrictBase64.Decode(signature.Get("sig").Utf8)),
            ReadPem(signature.Get("publicKey")),
            content,
            certificate);
    }

    private static string? Compare(bool isContent, byte[] signature, byte[]? verifier, SignedContent content, DerCertificate certificate) => isContent switch
    {
        false => OtherContent,
        _ when !signature.AsSpan().SequenceEqual(content.Signature) => OtherSignature,
        _ when verifier is null || !verifier.AsSpan().SequenceEqual(certificate.Raw) => OtherCertificate,
        _ => null,
    };

    private static JsonValue Single(JsonValue list)
    {
        JsonValue? single = null;
        foreach (var item in list.Items())
        {
            single = single is null ? item : throw new FormatException("the log entry has several signatures");
        }

        return single ?? throw new FormatException("the log entry has no signature");
    }

    private static bool IsHash(JsonValue hash, byte[] bytes) => hash.Get("algorithm").GetString() switch
    {
        "sha256" => hash.Get("value").GetString() == Convert.ToHexStringLower(SHA256.HashData(bytes)),
        "sha384" => hash.Get("value").GetString() == Convert.ToHexStringLower(SHA384.HashData(bytes)),
        "sha512" => hash.Get("value").GetString() == Convert.ToHexStringLower(SHA512.HashData(bytes)),
        _ => false,
    };

    private static bool IsHash2(JsonValue hash, byte[] bytes)
    {
        var digest = StrictBase64.Decode(hash.Get("digest").Utf8);
        return hash.Get("algorithm").GetString() switch
        {
            "SHA2_256" => digest.AsSpan().SequenceEqual(SHA256.HashData(bytes)),
            "SHA2_384" => digest.AsSpan().SequenceEqual(SHA384.HashData(bytes)),
            "SHA2_512" => digest.AsSpan().SequenceEqual(SHA512.HashData(bytes)),
            _ => false,
        };
    }

    /// <summary>Base64 of PEM; null when it holds no certificate but, as with signatures by keys, a key.</summary>
    private static byte[]? ReadPem(JsonValue pem) => CertificatePem.ReadFirst(StrictBase64.Decode(pem.Utf8));

    private static byte[]? ReadVerifier(JsonValue verifier) =>
        verifier.FindNotNull("x509Certificate") is { } certificate ? StrictBase64.Decode(certificate.Get("rawBytes").Utf8) : null;
}
