using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// A sigstore bundle of version 0.3 with a DSSE envelope (sigstore/protobuf-specs, <c>Bundle</c>). The key hint is not read: every key that
/// counts is tried.
/// </summary>
internal sealed record SigstoreBundle(bool HasCertificate, DsseEnvelope Envelope)
{
    /// <summary>What a manifest's layer and artifact type and the bundle itself say.</summary>
    internal const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const int MaxDepth = 24;
    private const int MaxTokens = 16 * 1024;

    /// <exception cref="FormatException">It is no such bundle.</exception>
    internal static SigstoreBundle Read(ReadOnlyMemory<byte> bytes)
    {
        var root = StrictJson.Parse(bytes, MaxDepth, MaxTokens).Root;
        var type = root.Get("mediaType").GetString();
        if (type != MediaType)
        {
            throw new FormatException($"it is a bundle of the type {type}");
        }

        var material = root.Get("verificationMaterial");
        if (root.FindNotNull("messageSignature") is not null)
        {
            throw new FormatException("it signs a message and no statement");
        }

        return new SigstoreBundle(
            material.FindNotNull("certificate") is not null || material.FindNotNull("x509CertificateChain") is not null,
            DsseEnvelope.Read(root.Get("dsseEnvelope")));
    }
}
