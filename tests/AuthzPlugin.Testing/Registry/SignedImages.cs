using System.Text.Json;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Testing.Registry;

/// <summary>Images and signatures in a <see cref="RegistrySimulator"/>, as docker and cosign put them there.</summary>
public static class SignedImages
{
    public const string BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    public const string NotationType = "application/vnd.cncf.notary.signature";
    public const string SimpleSigningLayer = "application/vnd.dev.cosign.simplesigning.v1+json";
    public const string SimpleSigningArtifact = "application/vnd.dev.cosign.artifact.sig.v1+json";

    /// <summary>An image of its own content under a tag.</summary>
    public static Digest PutImage(this RegistrySimulator registry, string repository, string tag, string text) => registry.PutManifest(
        repository,
        Bytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = Layer("application/vnd.docker.container.image.v1+json", registry.PutBlob(CosignFiles.Bytes(JsonValue.Create(text))), null),
            ["layers"] = new JsonArray(),
        }),
        tag);

    /// <summary>As <c>cosign sign</c> 2: another layer under the tag <c>sha256-HEX.sig</c>.</summary>
    public static void SignSimple(
        this RegistrySimulator registry, string repository, Digest image, CosignTestKey key, byte[]? payload = null)
    {
        payload ??= CosignFiles.Payload(image);
        registry.SignSimple(repository, image, payload, SignatureOnly(payload, key));
    }

    /// <summary>The same with annotations of the test's own.</summary>
    public static void SignSimple(this RegistrySimulator registry, string repository, Digest image, byte[] payload, JsonObject annotations)
    {
        var tag = $"sha256-{image.Hex}.sig";
        var manifest = registry.Manifest(repository, tag) is { } present ? JsonNode.Parse(present)!.AsObject() : Empty();
        manifest["layers"]!.AsArray().Add(SimpleLayer(registry, payload, annotations));
        registry.PutManifest(repository, Bytes(manifest), tag);
    }

    /// <summary>As <c>cosign sign</c> 2 with <c>--registry-referrers-mode=oci-1-1</c>.</summary>
    public static Digest SignSimpleAsReferrer(this RegistrySimulator registry, string repository, Digest image, CosignTestKey key, Digest? subject = null)
    {
        var manifest = Empty();
        manifest["config"]!["mediaType"] = SimpleSigningArtifact;
        manifest["subject"] = Layer("application/vnd.oci.image.manifest.v1+json", subject ?? image, null);
        var payload = CosignFiles.Payload(image);
        manifest["layers"]!.AsArray().Add(SimpleLayer(registry, payload, SignatureOnly(payload, key)));
        return registry.PutManifest(repository, Bytes(manifest));
    }

    /// <summary>As <c>cosign sign</c> 3: a manifest with the bundle that refers to the image.</summary>
    public static Digest SignBundle(this RegistrySimulator registry, string repository, Digest image, CosignTestKey key, byte[]? bundle = null) =>
        registry.PutReferrer(repository, image, BundleType, bundle ?? CosignFiles.Bytes(CosignFiles.Bundle(key, CosignFiles.Statement(image))));

    /// <summary>An image whose manifest says what it is, as notation needs it, under a tag.</summary>
    public static NotationTarget PutOciImage(this RegistrySimulator registry, string repository, string tag, string text)
    {
        var manifest = Empty();
        manifest["config"] = Layer("application/vnd.oci.image.config.v1+json", registry.PutBlob(CosignFiles.Bytes(JsonValue.Create(text))), null);
        var bytes = Bytes(manifest);
        return new NotationTarget(registry.PutManifest(repository, bytes, tag), NotationSigner.ManifestType, bytes.Length);
    }

    /// <summary>As <c>notation sign</c>: a manifest with the envelope that refers to the image.</summary>
    /// <param name="isLegacy">The configuration says what it is, as before version 1.2 of the specification.</param>
    public static Digest SignNotation(
        this RegistrySimulator registry, string repository, NotationTarget image, NotationSignature signature, bool isLegacy = false, Digest? subject = null)
    {
        var envelope = signature.Envelope.ToArray();
        var manifest = Empty();
        manifest["config"]!["mediaType"] = isLegacy ? NotationType : "application/vnd.oci.empty.v1+json";
        if (!isLegacy)
        {
            manifest["artifactType"] = NotationType;
        }

        manifest["subject"] = Layer(image.MediaType, subject ?? image.Digest, null, (int)image.Size);
        manifest["layers"]!.AsArray().Add(Layer(
            signature.Format == NotationFormat.Jws ? "application/jose+json" : "application/cose", registry.PutBlob(envelope), null, envelope.Length));
        manifest["annotations"] = new JsonObject { ["io.cncf.notary.x509chain.thumbprint#S256"] = "[]" };
        return registry.PutManifest(repository, Bytes(manifest));
    }

    /// <summary>A manifest with one layer that refers to an image.</summary>
    public static Digest PutReferrer(this RegistrySimulator registry, string repository, Digest subject, string type, byte[] blob)
    {
        var manifest = Empty();
        manifest["config"]!["mediaType"] = "application/vnd.oci.empty.v1+json";
        manifest["artifactType"] = type;
        manifest["subject"] = Layer("application/vnd.oci.image.manifest.v1+json", subject, null);
        manifest["layers"]!.AsArray().Add(Layer(type, registry.PutBlob(blob), null, blob.Length));
        return registry.PutManifest(repository, Bytes(manifest));
    }

    public static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json);

    /// <param name="size">Real clients compare it with what they get; ours goes by the digest.</param>
    public static JsonObject Layer(string mediaType, Digest digest, JsonObject? annotations, int size = 2) => new()
    {
        ["mediaType"] = mediaType,
        ["digest"] = digest.ToString(),
        ["size"] = size,
        ["annotations"] = annotations,
    };

    private static JsonObject SignatureOnly(byte[] payload, CosignTestKey key) =>
        new() { ["dev.cosignproject.cosign/signature"] = Convert.ToBase64String(key.Sign(payload)) };

    private static JsonObject SimpleLayer(RegistrySimulator registry, byte[] payload, JsonObject annotations) =>
        Layer(SimpleSigningLayer, registry.PutBlob(payload), annotations, payload.Length);

    private static JsonObject Empty() => new()
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
        ["config"] = Layer("application/vnd.oci.image.config.v1+json", RegistrySimulator.DigestOf([0x7b, 0x7d]), null),
        ["layers"] = new JsonArray(),
    };
}
