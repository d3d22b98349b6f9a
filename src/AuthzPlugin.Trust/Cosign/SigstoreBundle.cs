using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// A sigstore bundle (sigstore/protobuf-specs, <c>Bundle</c>) of version 0.1, 0.2 or 0.3. The key hint is not read: every key that counts
/// is tried.
/// </summary>
internal sealed class SigstoreBundle
{
    /// <summary>What a manifest's layer and artifact type and the bundle itself say.</summary>
    internal const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    private const string OldestMediaType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
    private const int MaxDepth = 24;
    private const int MaxTokens = 16 * 1024;

    private static readonly string[] OlderMediaTypes =
        [OldestMediaType, "application/vnd.dev.sigstore.bundle+json;version=0.2", "application/vnd.dev.sigstore.bundle+json;version=0.3"];

    private readonly JsonValue _material;
    private readonly string _type;

    private SigstoreBundle(string type, JsonValue material, DsseEnvelope? envelope, byte[]? messageSignature)
    {
        _type = type;
        _material = material;
        Envelope = envelope;
        MessageSignature = messageSignature;
    }

    internal bool HasCertificate => _material.FindNotNull("certificate") is not null || _material.FindNotNull("x509CertificateChain") is not null;

    /// <summary>Null when the bundle signs a message.</summary>
    internal DsseEnvelope? Envelope { get; }

    /// <summary>The signature over bytes that are not in the bundle; null when it has an envelope.</summary>
    internal byte[]? MessageSignature { get; }

    /// <exception cref="FormatException">It is no such bundle.</exception>
    internal static SigstoreBundle Read(ReadOnlyMemory<byte> bytes)
    {
        var root = StrictJson.Parse(bytes, MaxDepth, MaxTokens).Root;
        var type = root.Get("mediaType").GetString();
        if (type != MediaType && !OlderMediaTypes.Contains(type))
        {
            throw new FormatException($"it is a bundle of the type {type}");
        }

        var (envelope, message) = (root.FindNotNull("dsseEnvelope"), root.FindNotNull("messageSignature"));
        return (envelope, message) switch
        {
            ({ } statement, null) => new SigstoreBundle(type, root.Get("verificationMaterial"), DsseEnvelope.Read(statement), null),
            (null, { } signed) => new SigstoreBundle(type, root.Get("verificationMaterial"), null, StrictBase64.Decode(signed.Get("signature").Utf8)),
            _ => throw new FormatException("it has not one of an envelope and a message signature"),
        };
    }

    /// <summary>What comes with a signature by a certificate; null when a key made it.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    internal VerificationMaterial? ReadMaterial() => VerificationMaterial.Read(_material, needsProof: _type != OldestMediaType);
}
