using System.Net.Http.Headers;
using System.Security.Cryptography;
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
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

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
        using var http = new HttpClient { BaseAddress = new Uri($"http://{_lab.Registry}/v2/{image.Repository[(image.Repository.IndexOf('/', StringComparison.Ordinal) + 1)..]}/") };
        if (format == "simple")
        {
            var payload = CosignFiles.Payload(digest);
            await PutSignatureAsync(
                http, $"sha256-{digest.Hex}.sig", SignedImages.SimpleSigningLayer, payload, _world.Annotations(payload, how), null);
            return;
        }

        var statement = CosignFiles.Statement(digest);
        var bundle = CosignFiles.Bytes(format == "rekor1" ? _world.Bundle(statement, how) : _world.Bundle2(statement, how));
        var manifest = await PutSignatureAsync(http, null, SignedImages.BundleType, bundle, null, digest);

        // This registry has no list of referrers: the tag stands for it.
        await PutAsync(http, $"manifests/sha256-{digest.Hex}", IndexType, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = IndexType,
            ["manifests"] = new JsonArray(Descriptor(ManifestType, manifest.Bytes)),
        });
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

    private static async Task<(Digest Digest, byte[] Bytes)> PutSignatureAsync(
        HttpClient http, string? tag, string layerType, byte[] layer, JsonObject? annotations, Digest? subject)
    {
        byte[] empty = [0x7b, 0x7d];
        await PutBlobAsync(http, empty);
        await PutBlobAsync(http, layer);
        var descriptor = Descriptor(layerType, layer);
        descriptor["annotations"] = annotations;
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = Descriptor(subject is null ? "application/vnd.oci.image.config.v1+json" : "application/vnd.oci.empty.v1+json", empty),
            ["layers"] = new JsonArray(descriptor),
        };
        if (subject is { } image)
        {
            manifest["artifactType"] = layerType;
            manifest["subject"] = new JsonObject { ["mediaType"] = ManifestType, ["digest"] = image.ToString(), ["size"] = 2 };
        }

        var bytes = SignedImages.Bytes(manifest);
        var digest = Digest.FromHash(SHA256.HashData(bytes));
        await PutAsync(http, $"manifests/{tag ?? digest.ToString()}", ManifestType, manifest);
        return (digest, bytes);
    }

    private static async Task PutAsync(HttpClient http, string path, string type, JsonObject json)
    {
        using var content = new ByteArrayContent(SignedImages.Bytes(json));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        (await http.PutAsync(new Uri(path, UriKind.Relative), content)).EnsureSuccessStatusCode();
    }

    private static async Task PutBlobAsync(HttpClient http, byte[] bytes)
    {
        using var begun = (await http.PostAsync(new Uri("blobs/uploads/", UriKind.Relative), null)).EnsureSuccessStatusCode();
        var place = new Uri(http.BaseAddress!, begun.Headers.Location!).AbsoluteUri;
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var digest = Uri.EscapeDataString(Digest.FromHash(SHA256.HashData(bytes)).ToString());
        (await http.PutAsync(new Uri($"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest={digest}"), content)).EnsureSuccessStatusCode();
    }

    private static JsonObject Descriptor(string type, byte[] bytes) => new()
    {
        ["mediaType"] = type,
        ["digest"] = Digest.FromHash(SHA256.HashData(bytes)).ToString(),
        ["size"] = bytes.Length,
    };
}
