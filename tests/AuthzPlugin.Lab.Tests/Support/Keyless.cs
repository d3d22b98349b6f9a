using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// A sigstore of the tests' own, whose signatures are put into the lab's registry as cosign leaves them there: no real one can be reached.
/// The root file is a real file, and the real cosign 3.1 verifies by it too.
/// </summary>
public sealed class Keyless
{
    private readonly LabFixture _lab;
    private readonly SigstoreSimulator _world = new();

    public Keyless(LabFixture lab)
    {
        _lab = lab;
        RootFile = Path.Combine(lab.Root, $"trusted_root-{Guid.NewGuid()}.json");
        File.WriteAllBytes(RootFile, _world.TrustedRootFile());
        File.SetUnixFileMode(RootFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <summary>As a policy names it.</summary>
    public string RootFile { get; }

    /// <summary>An entry of signature-policies with this root file.</summary>
    public JsonObject Entry(string subject = SigstoreSimulator.Subject) => new()
    {
        ["keyless"] = new JsonObject
        {
            ["trusted-root"] = RootFile,
            ["identities"] = new JsonArray(new JsonObject { ["issuer"] = SigstoreSimulator.Issuer, ["subject"] = subject }),
        },
    };

    /// <param name="format"><c>simple</c>, <c>rekor1</c> or <c>rekor2</c>.</param>
    public async Task SignAsync(LabImage image, string format, KeylessSigning? how = null)
    {
        Assert.True(Digest.TryParse(image.Digest, out var digest));
        using var registry = new LabRegistry(_lab, image.Repository);
        if (format == "simple")
        {
            var payload = CosignFiles.Payload(digest);
            await PutSignatureAsync(registry, image.SignatureTag, SignedImages.SimpleSigningLayer, payload, _world.Annotations(payload, how), null);
            return;
        }

        var statement = CosignFiles.Statement(digest);
        var bundle = CosignFiles.Bytes(format == "rekor1" ? _world.Bundle(statement, how) : _world.Bundle2(statement, how));
        var manifest = await PutSignatureAsync(registry, null, SignedImages.BundleType, bundle, null, digest);

        // This registry has no list of referrers: the tag stands for it.
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = LabRegistry.IndexType,
            ["manifests"] = new JsonArray(Descriptor(LabRegistry.ManifestType, manifest)),
        };
        await registry.PutManifestAsync(image.ReferrersTag, SignedImages.Bytes(index), LabRegistry.IndexType);
    }

    /// <summary>Whether the tool itself finds a signature by this subject.</summary>
    public async Task<bool> VerifiesAsync(LabImage image, bool bundle, string subject = SigstoreSimulator.Subject)
    {
        try
        {
            await _lab.LabAsync(
                "cosign", "3", "verify", "--trusted-root", RootFile, "--certificate-identity", subject, "--certificate-oidc-issuer", SigstoreSimulator.Issuer, "--offline",
                $"--new-bundle-format={(bundle ? "true" : "false")}", image.ByDigest);
            return true;
        }
        catch (InvalidOperationException)
        {
            // It says so with its exit code.
            return false;
        }
    }

    /// <summary>Returns the manifest.</summary>
    private static async Task<byte[]> PutSignatureAsync(
        LabRegistry registry, string? tag, string layerType, byte[] layer, JsonObject? annotations, Digest? subject)
    {
        byte[] empty = [0x7b, 0x7d];
        await registry.PutBlobAsync(empty);
        await registry.PutBlobAsync(layer);
        var descriptor = Descriptor(layerType, layer);
        descriptor["annotations"] = annotations;
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = LabRegistry.ManifestType,
            ["config"] = Descriptor(subject is null ? "application/vnd.oci.image.config.v1+json" : "application/vnd.oci.empty.v1+json", empty),
            ["layers"] = new JsonArray(descriptor),
        };
        if (subject is { } image)
        {
            manifest["artifactType"] = layerType;
            manifest["subject"] = new JsonObject { ["mediaType"] = LabRegistry.ManifestType, ["digest"] = image.ToString(), ["size"] = 2 };
        }

        var bytes = SignedImages.Bytes(manifest);
        await registry.PutManifestAsync(tag, bytes);
        return bytes;
    }

    private static JsonObject Descriptor(string type, byte[] bytes) => new()
    {
        ["mediaType"] = type,
        ["digest"] = LabRegistry.DigestOf(bytes),
        ["size"] = bytes.Length,
    };
}
