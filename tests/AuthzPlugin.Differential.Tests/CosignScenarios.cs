using System.Security.Cryptography;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Differential.Tests;

/// <summary>What a scenario has to work with: an image of its own, and the key that the policy names.</summary>
/// <param name="Demanded">The annotations that are demanded.</param>
internal sealed record CosignScene(
    RegistrySimulator Registry, string Path, Digest Image, Digest Other, CosignTestKey Key, CosignTestKey Stranger, Dictionary<string, string> Demanded)
{
    public void Simple(CosignTestKey key, byte[] payload) => Registry.SignSimple(Path, Image, key, payload);

    public void Bundle(CosignTestKey key, byte[] statement, string payloadType = "application/vnd.in-toto+json") =>
        Registry.SignBundle(Path, Image, key, CosignFiles.Bytes(CosignFiles.Bundle(key, statement, payloadType)));

    /// <summary>Whatever cosign is told to look for, in both formats.</summary>
    public void Both(CosignTestKey key, Digest digest, IReadOnlyDictionary<string, string>? annotations = null)
    {
        Simple(key, CosignFiles.Payload(digest, annotations));
        Bundle(key, CosignFiles.Statement(digest, annotations));
    }
}

/// <summary>A way in which an image is signed or not.</summary>
/// <param name="Reason">What the verdict is expected to rest on; the verdicts themselves are the tools'.</param>
/// <param name="Versions">Which generations of cosign look at it.</param>
/// <param name="Rule">Why we refuse what cosign takes; null: the verdicts must be the same.</param>
internal sealed record CosignScenario(string Name, string Reason, string[] Versions, Action<CosignScene> Make, string? Rule = null)
{
    private static readonly string[] Old = ["2"];
    private static readonly string[] New = ["3"];

    internal static IReadOnlyList<CosignScenario> All { get; } =
    [
        new("simple signing", "trusted", Old, s => s.Simple(s.Key, CosignFiles.Payload(s.Image))),
        new("bundle", "trusted", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Image))),
        new("simple signing with the annotation", "trusted", Old, s => s.Simple(s.Key, CosignFiles.Payload(s.Image, Demand(s)))),
        new("bundle with the annotation", "trusted", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Image, Demand(s)))),
        new("simple signing among strangers", "trusted", Old, s =>
        {
            s.Simple(s.Stranger, CosignFiles.Payload(s.Image));
            s.Simple(s.Key, CosignFiles.Payload(s.Image));
        }),
        new("bundle among strangers", "trusted", New, s =>
        {
            s.Bundle(s.Stranger, CosignFiles.Statement(s.Image));
            s.Bundle(s.Key, CosignFiles.Statement(s.Image));
        }),
        new("no signature", "unsigned", ["2", "3"], _ => { }),
        new("another key, simple signing", "key", Old, s => s.Simple(s.Stranger, CosignFiles.Payload(s.Image))),
        new("another key, bundle", "key", New, s => s.Bundle(s.Stranger, CosignFiles.Statement(s.Image))),
        new("another digest, simple signing", "digest", Old, s => s.Simple(s.Key, CosignFiles.Payload(s.Other))),
        new("another digest, bundle", "digest", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Other))),
        new("another type, simple signing", "type", Old, s => s.Simple(s.Key, CosignFiles.Payload(s.Image, type: "atomic container signature")),
            "its specification says that critical.type must be compared; cosign 2.5 does not"),
        new("an attestation", "type", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Image, predicateType: "https://slsa.dev/provenance/v1")),
            "a statement about how an image was built does not say that it may run; cosign 3.1 takes any statement over the digest"),
        new("another payload type", "type", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Image), "text/plain")),
        new("without the annotation", "annotation", Old, s => s.Simple(s.Key, CosignFiles.Payload(s.Image, Without(s)))),
        new("with another value", "annotation", New, s => s.Bundle(s.Key, CosignFiles.Statement(s.Image, Changed(s)))),
        new("a broken signature, simple signing", "malformed", Old, s => s.Registry.SignSimple(s.Path, s.Image, s.Key, CosignFiles.Payload(s.Image)[..^1])),
        new("a broken bundle", "malformed", New, s => s.Registry.PutReferrer(s.Path, s.Image, SignedImages.BundleType, "{}"u8.ToArray())),
        new("a payload that is gone", "gone", Old, s =>
        {
            var payload = CosignFiles.Payload(s.Image, new Dictionary<string, string> { ["n"] = s.Path });
            s.Simple(s.Key, payload);
            s.Registry.Lies[$"blobs/{Digest.FromHash(SHA256.HashData(payload))}"] = new Answer.Status(404);
        }),
    ];

    private static Dictionary<string, string> Demand(CosignScene scene)
    {
        scene.Demanded["env"] = "prod";
        return scene.Demanded;
    }

    private static Dictionary<string, string> Without(CosignScene scene)
    {
        Demand(scene);
        return new Dictionary<string, string> { ["other"] = "prod" };
    }

    private static Dictionary<string, string> Changed(CosignScene scene)
    {
        Demand(scene);
        return new Dictionary<string, string> { ["env"] = "test" };
    }
}
