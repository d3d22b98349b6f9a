using AuthzPlugin.Trust.Oci;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>A signature that cosign made.</summary>
public abstract record CosignSignature : ImageSignature
{
    private protected CosignSignature()
    {
    }
}

/// <summary>The format of cosign 1 and 2: the signed bytes are a layer, the signature (base64) is its annotation.</summary>
/// <param name="Certificate">What the layer says of a certificate; null when a key made the signature.</param>
public sealed record SimpleSigningSignature(ReadOnlyMemory<byte> Payload, string Signature, CertificateAnnotations? Certificate = null) : CosignSignature;

/// <summary>The annotations of a layer whose signature a certificate made: <c>dev.sigstore.cosign/…</c>.</summary>
/// <param name="Certificate">PEM.</param>
/// <param name="LogEntry">JSON: the entry of a Rekor log and its promise; null when there is none.</param>
/// <param name="Timestamp">JSON: an RFC 3161 response; null when there is none.</param>
public sealed record CertificateAnnotations(string Certificate, string? LogEntry, string? Timestamp);

/// <summary>The format of cosign 3: a sigstore bundle with a DSSE envelope.</summary>
public sealed record BundleSignature(ReadOnlyMemory<byte> Bundle) : CosignSignature;
