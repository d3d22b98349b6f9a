using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Cosign;

/// <summary>What counts as a signature of an image, in both formats, and why everything else does not.</summary>
public class CosignVerifierTests
{
    private static readonly CosignTestKey Key = CosignTestKey.Ecdsa();
    private static readonly CosignTestKey Other = CosignTestKey.Ecdsa();
    private static readonly Digest Image = DigestOf('1');
    private static readonly Dictionary<string, string> NoAnnotations = [];

    [Fact]
    public void What_cosign_2_and_3_wrote_is_verified()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "vectors", "cosign");
        Assert.True(CosignKey.TryRead(File.ReadAllText(Path.Combine(folder, "key.pub")), out var key, out _));
        Assert.True(Digest.TryParse(File.ReadLines(Path.Combine(folder, "facts.txt")).First().Split(' ')[1], out var image));
        var simple = new SimpleSigningSignature(
            File.ReadAllBytes(Path.Combine(folder, "simple-signing.payload.json")), File.ReadAllText(Path.Combine(folder, "simple-signing.sig")));
        var bundle = new BundleSignature(File.ReadAllBytes(Path.Combine(folder, "bundle.json")));

        foreach (var (signature, annotation) in new (CosignSignature, string)[] { (simple, "1"), (bundle, "2") })
        {
            Assert.Equal(key, CosignVerifier.Verify(signature, image, [Other.Public, key], new Dictionary<string, string> { ["v"] = annotation }).Key);
            Assert.Equal(CosignFault.WrongAnnotation, CosignVerifier.Verify(signature, image, [key], new Dictionary<string, string> { ["v"] = "3" }).Fault);
            Assert.Equal(CosignFault.WrongKey, CosignVerifier.Verify(signature, image, [Other.Public], NoAnnotations).Fault);
            Assert.Equal(CosignFault.WrongDigest, CosignVerifier.Verify(signature, Image, [key], NoAnnotations).Fault);
        }
    }

    private static readonly Dictionary<string, (Func<CosignSignature> Make, CosignFault? Fault)> Cases = new()
    {
        ["simple"] = (() => Simple(CosignFiles.Payload(Image)), null),
        ["simple with an annotation"] = (() => Simple(CosignFiles.Payload(Image, new Dictionary<string, string> { ["a"] = "b" })), null),
        ["simple by another key"] = (() => Simple(CosignFiles.Payload(Image), Other), CosignFault.WrongKey),
        ["simple over another digest"] = (() => Simple(CosignFiles.Payload(DigestOf('2'))), CosignFault.WrongDigest),
        ["simple of another type"] = (() => Simple(CosignFiles.Payload(Image, type: "atomic container signature")), CosignFault.WrongType),
        ["simple without base64"] = (() => new SimpleSigningSignature(CosignFiles.Payload(Image), "***"), CosignFault.Malformed),
        ["simple with an empty signature"] = (() => new SimpleSigningSignature(CosignFiles.Payload(Image), ""), CosignFault.WrongKey),
        ["simple, signed but no JSON"] = (() => Simple("hello"u8.ToArray()), CosignFault.Malformed),
        ["simple with a name twice"] = (() => Simple(Twice()), CosignFault.Malformed),
        ["simple, too large"] = (() => Simple(new byte[CosignVerifier.MaxPayloadBytes + 1]), CosignFault.Malformed),
        ["bundle"] = (() => Bundle(CosignFiles.Bundle(Key, CosignFiles.Statement(Image))), null),
        ["bundle by another key"] = (() => Bundle(CosignFiles.Bundle(Other, CosignFiles.Statement(Image))), CosignFault.WrongKey),
        ["bundle over another digest"] = (() => Bundle(CosignFiles.Bundle(Key, CosignFiles.Statement(DigestOf('2')))), CosignFault.WrongDigest),
        ["bundle with an attestation"] = (() => Bundle(CosignFiles.Bundle(Key, CosignFiles.Statement(Image, predicateType: "https://slsa.dev/provenance/v1"))), CosignFault.WrongType),
        ["bundle with another payload type"] = (() => Bundle(CosignFiles.Bundle(Key, CosignFiles.Statement(Image), "text/plain")), CosignFault.WrongType),
        ["bundle of another version"] = (() => Changed(b => b["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.9+json"), CosignFault.Malformed),
        ["bundle with a certificate"] = (() => Changed(b => b["verificationMaterial"] = new JsonObject { ["certificate"] = new JsonObject() }), CosignFault.MadeWithCertificate),
        ["bundle with a message"] = (() => Changed(b => b["messageSignature"] = new JsonObject()), CosignFault.Malformed),
        ["bundle without an envelope"] = (() => Changed(b => b.Remove("dsseEnvelope")), CosignFault.Malformed),
        ["bundle without signatures"] = (() => Changed(b => b["dsseEnvelope"]!["signatures"] = new JsonArray()), CosignFault.Malformed),
        ["bundle with two signatures"] = (() => Changed(b => Signatures(b).Add(Signatures(b)[0]!.DeepClone())), CosignFault.Malformed),
        ["bundle, too large"] = (() => new BundleSignature(new byte[CosignVerifier.MaxBundleBytes + 1]), CosignFault.Malformed),
        ["bundle of nothing"] = (() => new BundleSignature(ReadOnlyMemory<byte>.Empty), CosignFault.Malformed),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_signature_counts_or_has_a_reason(string what)
    {
        var (make, fault) = Cases[what];
        var finding = CosignVerifier.Verify(make(), Image, [Key.Public], NoAnnotations);
        Assert.Equal((what, fault, fault is null), (what, finding.Fault, finding.IsValid));
        Assert.NotEmpty(finding.Detail);
    }

    [Theory]
    [InlineData(null, "has no annotation env")]
    [InlineData("test", "has the annotation env=test instead of prod")]
    public void Annotations_are_compared_exactly_in_both_formats(string? present, string detail)
    {
        var written = present is null ? null : new Dictionary<string, string> { ["env"] = present };
        foreach (var signature in new CosignSignature[] { Simple(CosignFiles.Payload(Image, written)), Bundle(CosignFiles.Bundle(Key, CosignFiles.Statement(Image, written))) })
        {
            var finding = CosignVerifier.Verify(signature, Image, [Key.Public], new Dictionary<string, string> { ["env"] = "prod" });
            Assert.Equal((CosignFault.WrongAnnotation, detail), (finding.Fault, finding.Detail));
        }
    }

    private static Digest DigestOf(char c)
    {
        Assert.True(Digest.TryFromHex(new string(c, 64), out var digest));
        return digest;
    }

    private static SimpleSigningSignature Simple(byte[] payload, CosignTestKey? key = null) =>
        new(payload, Convert.ToBase64String((key ?? Key).Sign(payload)));

    private static BundleSignature Bundle(JsonObject bundle) => new(CosignFiles.Bytes(bundle));

    private static BundleSignature Changed(Action<JsonObject> change)
    {
        var bundle = CosignFiles.Bundle(Key, CosignFiles.Statement(Image));
        change(bundle);
        return Bundle(bundle);
    }

    private static JsonArray Signatures(JsonObject bundle) => bundle["dsseEnvelope"]!["signatures"]!.AsArray();

    private static byte[] Twice() => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(CosignFiles.Payload(Image)).Replace("\"optional\"", "\"critical\"", StringComparison.Ordinal));
}
