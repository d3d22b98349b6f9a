using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Differential.Tests;

/// <summary>What a scenario has to work with: an image of its own, the sigstore whose root file the policy names, and another one.</summary>
/// <param name="Root">The root file, which a scenario may change.</param>
/// <param name="Demanded">The annotations that are demanded.</param>
internal sealed record KeylessScene(
    RegistrySimulator Registry,
    string Path,
    Digest Image,
    Digest Other,
    SigstoreSimulator World,
    SigstoreSimulator Strange,
    JsonObject Root,
    Dictionary<string, string> Demanded)
{
    public void Simple(JsonObject annotations, byte[]? payload = null) =>
        Registry.SignSimple(Path, Image, payload ?? CosignFiles.Payload(Image), annotations);

    public void Simple(KeylessSigning? how = null, byte[]? payload = null, bool stamped = false, Action<JsonObject>? change = null)
    {
        payload ??= CosignFiles.Payload(Image);
        var annotations = World.Annotations(payload, how, stamped);
        change?.Invoke(annotations);
        Simple(annotations, payload);
    }

    public void Bundle(JsonObject bundle) => Registry.PutReferrer(Path, Image, SignedImages.BundleType, CosignFiles.Bytes(bundle));

    /// <summary>With an entry of Rekor 1.</summary>
    public void Bundle(KeylessSigning? how = null, byte[]? statement = null, Action<JsonObject>? change = null)
    {
        var bundle = World.Bundle(statement ?? CosignFiles.Statement(Image), how);
        change?.Invoke(bundle);
        Bundle(bundle);
    }

    /// <summary>With an entry of Rekor 2 and a timestamp.</summary>
    public void Bundle2(KeylessSigning? how = null, Action<JsonObject>? change = null)
    {
        var bundle = World.Bundle2(CosignFiles.Statement(Image), how);
        change?.Invoke(bundle);
        Bundle(bundle);
    }

    public Dictionary<string, string> Demand()
    {
        Demanded["env"] = "prod";
        return Demanded;
    }
}

/// <summary>A way in which an image is signed with a certificate or not.</summary>
/// <param name="Reason">What the verdict is expected to rest on; the verdicts themselves are the tools'.</param>
/// <param name="Bundles">Whether it is a bundle, or simple signing.</param>
/// <param name="Rule">Why we refuse what cosign takes; null: the verdicts must be the same.</param>
/// <param name="Wider">Why we take what cosign refuses.</param>
internal sealed record KeylessScenario(string Name, string Reason, bool Bundles, Action<KeylessScene> Make, string? Rule = null, string? Wider = null)
{
    /// <summary>2.5 knows no bundles of images, and it takes keys from files that state no windows of time.</summary>
    internal IReadOnlyList<string> Versions => Bundles || Reason == "window" ? ["3"] : ["2", "3"];

    private static readonly KeylessSigning Mallory = new() { Subject = "https://git.example.com/mallory" };
    private static readonly KeylessSigning OtherIssuer = new() { Issuer = "https://accounts.example.com" };
    private static readonly KeylessSigning NoPromise = new() { HasPromise = false };
    private static readonly KeylessSigning Last = new() { LoggedAfter = TimeSpan.FromMinutes(10) };
    private static readonly KeylessSigning Late = new() { LoggedAfter = TimeSpan.FromHours(1), StampedAfter = TimeSpan.FromHours(1) };
    private static readonly KeylessSigning Early = new() { LoggedAfter = TimeSpan.FromHours(-1) };
    private static readonly Dictionary<string, string> Prod = new() { ["env"] = "prod" };
    private static readonly Dictionary<string, string> Test = new() { ["env"] = "test" };

    internal static IReadOnlyList<KeylessScenario> All { get; } =
    [
        new("simple signing", "trusted", false, s => s.Simple()),
        new("simple signing with a timestamp", "trusted", false, s => s.Simple(stamped: true)),
        new("simple signing with the annotation", "trusted", false, s => s.Simple(payload: CosignFiles.Payload(s.Image, s.Demand()))),
        new("simple signing beside a stranger's", "trusted", false, s =>
        {
            s.Simple(Mallory);
            s.Simple();
        }),
        new("bundle, Rekor 1", "trusted", true, s => s.Bundle()),
        new("bundle, Rekor 2", "trusted", true, s => s.Bundle2()),
        new("bundle with the annotation", "trusted", true, s => s.Bundle(statement: CosignFiles.Statement(s.Image, s.Demand()))),
        new("logged in the last second, simple signing", "trusted", false, s => s.Simple(Last)),
        new("logged in the last second, bundle", "trusted", true, s => s.Bundle(Last)),
        new("bundle, Rekor 1 and a timestamp", "trusted", true, s =>
            s.Bundle(s.World.Bundle(s.World.Issue(), CosignFiles.Statement(s.Image), new KeylessSigning(), s.World.Log, true))),
        new("bundle, Rekor 2 with a dsse entry", "trusted", true, s => s.Bundle(s.World.Bundle(
            s.World.Issue(), CosignFiles.Statement(s.Image), new KeylessSigning(), s.World.Log2, true, body: (c, payload, _, signature) => LogBodies.Dsse2(c, payload, signature))),
            Wider: "Rekor 2 keeps such entries, which other clients of sigstore read; this build of cosign knows hashedrekord 0.0.2 only"),
        new("bundle beside a stranger's", "trusted", true, s =>
        {
            s.Bundle(Mallory);
            s.Bundle();
        }),
        new("no signature, simple signing", "unsigned", false, _ => { }),
        new("no signature, bundle", "unsigned", true, _ => { }),
        new("another subject, simple signing", "identity", false, s => s.Simple(Mallory)),
        new("another subject, bundle", "identity", true, s => s.Bundle(Mallory)),
        new("another issuer, simple signing", "identity", false, s => s.Simple(OtherIssuer)),
        new("another issuer, bundle", "identity", true, s => s.Bundle(OtherIssuer)),
        new("another authority, simple signing", "authority", false, s => s.Simple(new KeylessSigning { Authority = s.Strange.Authority })),
        new("another authority, bundle", "authority", true, s => s.Bundle(new KeylessSigning { Authority = s.Strange.Authority })),
        new("no SCT, simple signing", "sct", false, s => s.Simple(NoPromise)),
        new("no SCT, bundle", "sct", true, s => s.Bundle(NoPromise)),
        new("SCT by a strange log, simple signing", "sct", false, s => s.Simple(new KeylessSigning { CertificateLog = s.Strange.CertificateLog })),
        new("SCT by a strange log, bundle", "sct", true, s => s.Bundle(new KeylessSigning { CertificateLog = s.Strange.CertificateLog })),
        new("no log entry, simple signing", "log", false, s => s.Simple(change: a => a.Remove("dev.sigstore.cosign/bundle"))),
        new("no log entry, bundle", "log", true, s => s.Bundle(change: b => Entries(b).Clear())),
        new("entry of a strange log, bundle", "log", true, s => s.Bundle(s.World.Bundle(s.World.Issue(), CosignFiles.Statement(s.Image), new KeylessSigning(), s.Strange.Log, false))),
        new("entry of another signature, simple signing", "log", false, s => s.Simple(change: a =>
            a["dev.sigstore.cosign/bundle"] = (string)s.World.Annotations(CosignFiles.Payload(s.Image))["dev.sigstore.cosign/bundle"]!)),
        new("entry of another signature, bundle", "log", true, s => s.Bundle(change: b => Entries(b)[0] = Entries(s.World.Bundle(CosignFiles.Statement(s.Image)))[0]!.DeepClone())),
        new("broken promise, simple signing", "log", false, s => s.Simple(change: a =>
            a["dev.sigstore.cosign/bundle"] = ((string)a["dev.sigstore.cosign/bundle"]!).Replace("\"integratedTime\":1", "\"integratedTime\":2", StringComparison.Ordinal))),
        new("proof of another leaf, bundle", "log", true, s => s.Bundle2(change: b =>
        {
            Entries(b)[0]!["logIndex"] = "0";
            Entries(b)[0]!["inclusionProof"]!["logIndex"] = "0";
        })),
        new("proof with another hash, bundle", "log", true, s => s.Bundle(change: b =>
            Entries(b)[0]!["inclusionProof"]!["hashes"]![0] = Convert.ToBase64String(new byte[32]))),
        new("proof that states another leaf than the entry, bundle", "log", true, s => s.Bundle2(change: b => Entries(b)[0]!["inclusionProof"]!["logIndex"] = "0"),
            "a proof is checked with the number that it states; cosign goes by the number of the entry"),
        new("logged too late, simple signing", "time", false, s => s.Simple(Late)),
        new("logged too late, bundle", "time", true, s => s.Bundle(Late)),
        new("logged too early, bundle", "time", true, s => s.Bundle(Early)),
        new("stamped too late, bundle", "time", true, s => s.Bundle2(Late)),
        new("Rekor 2 without a timestamp", "time", true, s => s.Bundle2(change: b => b["verificationMaterial"]!.AsObject().Remove("timestampVerificationData"))),
        new("stamped by a stranger", "time", true, s => s.Bundle2(change: b => b["verificationMaterial"]!["timestampVerificationData"] =
            SigstoreSimulator.Stamps(s.Strange.Timestamps.Stamp(Convert.FromBase64String((string)b["dsseEnvelope"]!["signatures"]![0]!["sig"]!), SigstoreSimulator.SignedAt)))),
        new("another digest, simple signing", "digest", false, s => s.Simple(payload: CosignFiles.Payload(s.Other))),
        new("another digest, bundle", "digest", true, s => s.Bundle(statement: CosignFiles.Statement(s.Other))),
        new("changed payload, bundle", "signature", true, s => s.Bundle(statement: CosignFiles.Statement(s.Other), change: b =>
            b["dsseEnvelope"]!["payload"] = Convert.ToBase64String(CosignFiles.Statement(s.Image)))),
        new("changed payload, simple signing", "signature", false, s => s.Simple(s.World.Annotations(CosignFiles.Payload(s.Other)))),
        new("without the annotation, simple signing", "annotation", false, s =>
        {
            s.Demand();
            s.Simple();
        }),
        new("another value of the annotation, bundle", "annotation", true, s =>
        {
            s.Demand();
            s.Bundle(statement: CosignFiles.Statement(s.Image, Test));
        }),
        new("authority of another year, simple signing", "window", false, s =>
        {
            s.Root["certificateAuthorities"]![0]!["validFor"]!["end"] = "2025-12-01T00:00:00Z";
            s.Simple();
        }),
        new("authority of another year, bundle", "window", true, s =>
        {
            s.Root["certificateAuthorities"]![0]!["validFor"]!["end"] = "2025-12-01T00:00:00Z";
            s.Bundle();
        }),
        new("logs of another year, simple signing", "window", false, s =>
        {
            Logs(s.Root);
            s.Simple();
        }),
        new("logs of another year, bundle", "window", true, s =>
        {
            Logs(s.Root);
            s.Bundle();
        }),
        new("certificate log of another year, bundle", "window", true, s =>
        {
            s.Root["ctlogs"]![0]!["publicKey"]!["validFor"]!["end"] = "2025-12-01T00:00:00Z";
            s.Bundle();
        }),
        new("an attestation", "type", true, s => s.Bundle(statement: CosignFiles.Statement(s.Image, predicateType: "https://slsa.dev/provenance/v1")),
            "a statement about how an image was built does not say that it may run; cosign takes any statement over the digest"),
        new("another type, simple signing", "type", false, s => s.Simple(payload: CosignFiles.Payload(s.Image, type: "atomic container signature")),
            "its specification says that critical.type must be compared; cosign does not"),
        new("a broken bundle", "malformed", true, s => s.Registry.PutReferrer(s.Path, s.Image, SignedImages.BundleType, "{}"u8.ToArray())),
        new("a broken certificate, simple signing", "malformed", false, s => s.Simple(change: a => a["dev.sigstore.cosign/certificate"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
    ];

    private static JsonArray Entries(JsonObject bundle) => bundle["verificationMaterial"]!["tlogEntries"]!.AsArray();

    private static void Logs(JsonObject root) =>
        root["tlogs"]!.AsArray().ToList().ForEach(l => l!["publicKey"]!["validFor"]!["end"] = "2025-12-01T00:00:00Z");
}
