namespace AuthzPlugin.Trust.Cosign;

/// <summary>A signature as a registry has it: unverified bytes.</summary>
public abstract record CosignSignature
{
    private protected CosignSignature()
    {
    }
}

/// <summary>The format of cosign 1 and 2: the signed bytes are a layer, the signature (base64) is its annotation.</summary>
public sealed record SimpleSigningSignature(ReadOnlyMemory<byte> Payload, string Signature) : CosignSignature;

/// <summary>The format of cosign 3: a sigstore bundle, version 0.3, with a DSSE envelope.</summary>
public sealed record BundleSignature(ReadOnlyMemory<byte> Bundle) : CosignSignature;
