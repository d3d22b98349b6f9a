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
public sealed record SimpleSigningSignature(ReadOnlyMemory<byte> Payload, string Signature) : CosignSignature;

/// <summary>The format of cosign 3: a sigstore bundle, version 0.3, with a DSSE envelope.</summary>
public sealed record BundleSignature(ReadOnlyMemory<byte> Bundle) : CosignSignature;
