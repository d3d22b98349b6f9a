using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Trust.Tests.Sigstore;

/// <summary>What counts as a signature with a short-lived certificate, in both formats, and why everything else does not.</summary>
public class KeylessVerifierTests
{
    private static readonly SigstoreSimulator World = new();
    private static readonly SigstoreSimulator Strange = new();
    private static readonly Digest Image = Digest.FromHash(new byte[32]);
    private static readonly Digest Other = Digest.FromHash([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly Dictionary<string, string> NoAnnotations = [];

    private static readonly Dictionary<string, (Func<CosignSignature> Make, KeylessFault? Fault)> Cases = new()
    {
        ["simple, Rekor 1"] = (() => Simple(), null),
        ["simple, Rekor 1 and a timestamp"] = (() => Simple(stamped: true), null),
        ["bundle, Rekor 1"] = (() => Bundle(), null),
        ["bundle, Rekor 2"] = (() => Bundle2(), null),
        ["bundle, Rekor 2 with a dsse entry"] = (() => Custom(World.Log2, true, (c, payload, _, s) => LogBodies.Dsse2(c, payload, s)), null),
        ["bundle, Rekor 1 with an intoto entry"] = (() => Custom(World.Log, false, (c, payload, _, s) => LogBodies.InToto(c, payload, s)), null),
        ["bundle, Rekor 1 with a hashedrekord entry"] = (() => Custom(World.Log, false, (c, _, message, s) => LogBodies.HashedRekord(c, message, s)), null),
        ["bundle 0.1 with a chain"] = (() => Changed(b => ToOldest(b)), null),
        ["bundle 0.1 without a proof"] = (() => Changed(b => { ToOldest(b); Entry(b).Remove("inclusionProof"); }), null),
        ["bundle without a promise, stamped"] = (() => Changed(b => Entry(b).Remove("inclusionPromise"), stamped: true), null),
        ["bundle with a stranger's timestamp beside the promise"] = (() => Changed(b => Stamp(b, Strange.Timestamps)), null),
        ["bundle with an entry of a strange log beside"] = (() => Changed(b => Entries(b).Add(Strange.Log.Add(new JsonObject { ["kind"] = "x", ["apiVersion"] = "1" }, SigstoreSimulator.SignedAt))), null),
        ["logged at the first moment"] = (() => Bundle(new KeylessSigning { LoggedAfter = TimeSpan.Zero }), null),
        ["logged at the last moment"] = (() => Bundle(new KeylessSigning { LoggedAfter = TimeSpan.FromMinutes(10) }), null),

        ["key, simple"] = (() => new SimpleSigningSignature(CosignFiles.Payload(Image), "AAAA"), KeylessFault.MadeWithKey),
        ["key, bundle"] = (() => new BundleSignature(CosignFiles.Bytes(CosignFiles.Bundle(CosignTestKey.Ecdsa(), CosignFiles.Statement(Image)))), KeylessFault.MadeWithKey),
        ["another authority"] = (() => Bundle(new KeylessSigning { Authority = Strange.Authority }), KeylessFault.WrongCertificate),
        ["certificate for servers"] = (() => Bundle(new KeylessSigning { Purpose = "1.3.6.1.5.5.7.3.1" }), KeylessFault.WrongCertificate),
        ["unknown critical extension"] = (() => Bundle(new KeylessSigning { HasUnknownExtension = true }), KeylessFault.WrongCertificate),
        ["authority's certificate as signer"] = (() => Changed(b => Material(b)["certificate"]!["rawBytes"] = Convert.ToBase64String(World.Authority.Intermediate.RawData)), KeylessFault.WrongCertificate),
        ["logged too late"] = (() => Bundle(new KeylessSigning { LoggedAfter = TimeSpan.FromSeconds(601) }), KeylessFault.WrongCertificate),
        ["logged too early"] = (() => Bundle(new KeylessSigning { LoggedAfter = TimeSpan.FromSeconds(-1) }), KeylessFault.WrongCertificate),
        ["stamped too late"] = (() => Bundle2(new KeylessSigning { StampedAfter = TimeSpan.FromSeconds(601) }), KeylessFault.WrongCertificate),
        ["logged in time and stamped too late"] = (() => Simple(new KeylessSigning { StampedAfter = TimeSpan.FromHours(1) }, stamped: true), KeylessFault.WrongCertificate),
        ["signature changed"] = (() => Changed(b => Envelope(b)["payload"] = Convert.ToBase64String(CosignFiles.Statement(Other))), KeylessFault.WrongSignature),
        ["no SCT"] = (() => Bundle(new KeylessSigning { HasPromise = false }), KeylessFault.NoCertificateLog),
        ["SCT by a strange log"] = (() => Bundle(new KeylessSigning { CertificateLog = Strange.CertificateLog }), KeylessFault.NoCertificateLog),
        ["no entry"] = (() => Changed(b => Entries(b).Clear()), KeylessFault.NotLogged),
        ["no entry, simple"] = (() => Simple(log: false), KeylessFault.NotLogged),
        ["entry of a strange log"] = (() => Custom(Strange.Log, false, null), KeylessFault.NotLogged),
        ["entry of another signature"] = (() => Changed(b => Entries(b)[0] = Entry(Built()).DeepClone()), KeylessFault.NotLogged),
        ["entry over other bytes"] = (() => Custom(World.Log, false, (c, _, _, s) => LogBodies.Dsse(c, CosignFiles.Statement(Other), s)), KeylessFault.NotLogged),
        ["entry of another certificate"] = (() => Custom(World.Log, false, (_, payload, _, s) => LogBodies.Dsse(World.Issue(), payload, s)), KeylessFault.NotLogged),
        ["entry of another kind"] = (() => Custom(World.Log, false, (_, _, _, _) => new JsonObject { ["apiVersion"] = "0.0.1", ["kind"] = "rpm", ["spec"] = new JsonObject() }), KeylessFault.NotLogged),
        ["entry that says it is of another kind"] = (() => Changed(b => Entry(b)["kindVersion"]!["version"] = "0.0.9"), KeylessFault.NotLogged),
        ["promise by nobody"] = (() => Changed(b => Entry(b)["inclusionPromise"]!["signedEntryTimestamp"] = "AAAA"), KeylessFault.NotLogged),
        ["time that the promise does not cover"] = (() => Changed(b => Entry(b)["integratedTime"] = "1768478410"), KeylessFault.NotLogged),
        ["proof that does not lead to the root"] = (() => Changed(b => Proof(b)["logIndex"] = "0"), KeylessFault.NotLogged),
        ["proof for another size"] = (() => Changed(b => Proof(b)["treeSize"] = "99"), KeylessFault.NotLogged),
        ["checkpoint by another log"] = (() => Changed(b => Checkpoint(b, Strange.Log)), KeylessFault.NotLogged),
        ["checkpoint under another name"] = (() => Changed(b => Proof(b)["checkpoint"]!["envelope"] = World.Log.Checkpoint((string)Proof(b)["treeSize"]!, Convert.FromBase64String((string)Proof(b)["rootHash"]!), "other.example")), KeylessFault.NotLogged),
        ["Rekor 2 without a timestamp"] = (() => Custom(World.Log2, false, null), KeylessFault.NoTime),
        ["time of the log without a promise"] = (() => Changed(b => Entry(b).Remove("inclusionPromise")), KeylessFault.NoTime),
        ["timestamp by a stranger"] = (() => Changed2(b => Stamp(b, Strange.Timestamps)), KeylessFault.NoTime),
        ["timestamp over something else"] = (() => Changed2(b => Material(b)["timestampVerificationData"] = SigstoreSimulator.Stamps(World.Timestamps.Stamp([1, 2, 3], SigstoreSimulator.SignedAt))), KeylessFault.NoTime),
        ["another subject"] = (() => Bundle(new KeylessSigning { Subject = "https://git.example.com/mallory" }), KeylessFault.WrongIdentity),
        ["another issuer"] = (() => Bundle(new KeylessSigning { Issuer = "https://accounts.example.com" }), KeylessFault.WrongIdentity),
        ["another subject, simple"] = (() => Simple(new KeylessSigning { Subject = "https://git.example.com/mallory" }), KeylessFault.WrongIdentity),
        ["two issuers"] = (() => Bundle(new KeylessSigning { OlderIssuer = "https://accounts.example.com" }), KeylessFault.Malformed),
        ["a host name as subject"] = (() => Bundle(new KeylessSigning { SubjectKind = "dns" }), KeylessFault.Malformed),
        ["another digest"] = (() => Bundle(statement: CosignFiles.Statement(Other)), KeylessFault.WrongDigest),
        ["another digest, simple"] = (() => Simple(payload: CosignFiles.Payload(Other)), KeylessFault.WrongDigest),
        ["an attestation"] = (() => Bundle(statement: CosignFiles.Statement(Image, predicateType: "https://slsa.dev/provenance/v1")), KeylessFault.WrongType),
        ["another type, simple"] = (() => Simple(payload: CosignFiles.Payload(Image, type: "atomic container signature")), KeylessFault.WrongType),

        ["bundle without a proof"] = (() => Changed(b => Entry(b).Remove("inclusionProof")), KeylessFault.Malformed),
        ["bundle 0.1 without a promise"] = (() => Changed(b => { ToOldest(b); Entry(b).Remove("inclusionPromise"); }), KeylessFault.Malformed),
        ["a root certificate in the chain"] = (() => Changed(b => { ToOldest(b); Certificates(b).Add(Raw(World.Authority.Root.RawData)); }), KeylessFault.Malformed),
        ["an empty chain"] = (() => Changed(b => { ToOldest(b); Certificates(b).Clear(); }), KeylessFault.Malformed),
        ["a negative index"] = (() => Changed(b => Entry(b)["logIndex"] = "-1"), KeylessFault.Malformed),
        ["nine entries"] = (() => Changed(b => Enumerable.Range(0, 8).ToList().ForEach(_ => Entries(b).Add(Entry(b).DeepClone()))), KeylessFault.Malformed),
        ["nine timestamps"] = (() => Changed(b => Material(b)["timestampVerificationData"] = SigstoreSimulator.Stamps([.. Enumerable.Repeat<byte[]>([1], 9)])), KeylessFault.Malformed),
        ["64 hashes"] = (() => Changed(b => Proof(b)["hashes"] = new JsonArray([.. Enumerable.Range(0, 64).Select(_ => JsonValue.Create("AAAA"))])), KeylessFault.Malformed),
        ["a checkpoint that goes on"] = (() => Changed(b => Proof(b)["checkpoint"]!["envelope"] = new string('a', 20_000) + "\n\n\u2014 a AAAAAAAA\n"), KeylessFault.Malformed),
        ["a checkpoint of nothing"] = (() => Changed(b => Proof(b)["checkpoint"]!["envelope"] = "\n\n"), KeylessFault.Malformed),
        ["a certificate of nothing"] = (() => Changed(b => Material(b)["certificate"]!["rawBytes"] = "AAAA"), KeylessFault.Malformed),
        ["a timestamp of nothing"] = (() => Changed(b => Material(b)["timestampVerificationData"] = SigstoreSimulator.Stamps([1, 2, 3])), KeylessFault.Malformed),
        ["annotations of nothing"] = (() => new SimpleSigningSignature(CosignFiles.Payload(Image), "AAAA", new CertificateAnnotations("", "", "")), KeylessFault.Malformed),
        ["bundle, too large"] = (() => new BundleSignature(new byte[CosignVerifier.MaxBundleBytes + 1]), KeylessFault.Malformed),
        ["payload, too large"] = (() => new SimpleSigningSignature(new byte[CosignVerifier.MaxPayloadBytes + 1], "AAAA"), KeylessFault.Malformed),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_signature_counts_or_has_a_reason(string what)
    {
        var (make, fault) = Cases[what];
        var finding = KeylessVerifier.Verify(make(), Image, RootOf(World.TrustedRoot()), [Identity()], NoAnnotations);
        Assert.Equal((what, fault, fault is null), (what, finding.Fault, finding.IsValid));
        Assert.NotEmpty(finding.Detail);
        Assert.DoesNotContain('\n', finding.Detail);
        if (finding.IsValid)
        {
            Assert.Equal(["certificate", "log", "time", "sct", "identity"], finding.Checks.Select(c => c.Name));
            Assert.InRange(finding.Signer.SignedAt, SigstoreSimulator.SignedAt, SigstoreSimulator.SignedAt.AddMinutes(10));
        }
    }

    [Theory]
    [InlineData("uri", "https://git.example.com/a")]
    [InlineData("mail", "release@example.com")]
    [InlineData("user", "release!example.com")]
    public void Names_of_every_kind_are_compared(string kind, string subject)
    {
        var signature = Bundle(new KeylessSigning { SubjectKind = kind, Subject = subject });
        Assert.True(Verify(signature, Identity(subject: subject)).IsValid);
        Assert.Equal(KeylessFault.WrongIdentity, Verify(signature, Identity(subject: subject + "x")).Fault);
        Assert.True(Verify(signature, Identity(), Identity(subject: subject)).IsValid);
    }

    [Fact]
    public void Annotations_are_compared_exactly_in_both_formats()
    {
        var written = new Dictionary<string, string> { ["env"] = "prod" };
        foreach (var signature in new CosignSignature[] { Bundle(statement: CosignFiles.Statement(Image, written)), Simple(payload: CosignFiles.Payload(Image, written)) })
        {
            Assert.True(KeylessVerifier.Verify(signature, Image, RootOf(World.TrustedRoot()), [Identity()], written).IsValid);
            var finding = KeylessVerifier.Verify(signature, Image, RootOf(World.TrustedRoot()), [Identity()], new Dictionary<string, string> { ["env"] = "test" });
            Assert.Equal((KeylessFault.WrongAnnotation, "has the annotation env=prod instead of test"), (finding.Fault, finding.Detail));
        }
    }

    private static readonly Dictionary<string, (Action<JsonObject> Change, KeylessFault? Fault)> Windows = new()
    {
        ["as it is"] = (_ => { }, null),
        ["authority from the next day"] = (r => r["certificateAuthorities"]![0]!["validFor"]!["start"] = "2026-01-16T00:00:00Z", KeylessFault.WrongCertificate),
        ["authority until the day before"] = (r => r["certificateAuthorities"]![0]!["validFor"]!["end"] = "2026-01-14T00:00:00Z", KeylessFault.WrongCertificate),
        ["authority until the very second"] = (r => r["certificateAuthorities"]![0]!["validFor"]!["end"] = "2026-01-15T12:00:03Z", null),
        ["authority in an older and in the present window"] = (r =>
        {
            r["certificateAuthorities"]!.AsArray().Insert(0, r["certificateAuthorities"]![0]!.DeepClone());
            r["certificateAuthorities"]![0]!["validFor"]!["end"] = "2026-01-14T00:00:00Z";
        }, null),
        ["certificate log from the next day"] = (r => r["ctlogs"]![0]!["publicKey"]!["validFor"]!["start"] = "2026-01-16T00:00:00Z", KeylessFault.NoCertificateLog),
        ["certificate log until the day before"] = (r => r["ctlogs"]![0]!["publicKey"]!["validFor"]!["end"] = "2026-01-14T00:00:00Z", KeylessFault.NoCertificateLog),
        ["certificate log with another key"] = (r => r["ctlogs"]![0]!["publicKey"]!["rawBytes"] = Convert.ToBase64String(Strange.CertificateLog.PublicKey), KeylessFault.NoCertificateLog),
        ["logs from the next day"] = (r => Logs(r, "start", "2026-01-16T00:00:00Z"), KeylessFault.NotLogged),
        ["logs until the day before"] = (r => Logs(r, "end", "2026-01-14T00:00:00Z"), KeylessFault.NotLogged),
        ["logs until the very second"] = (r => Logs(r, "end", "2026-01-15T12:00:03Z"), null),
        ["logs with another key"] = (r => r["tlogs"]!.AsArray().ToList().ForEach(l => Key(l!, Strange.Log.PublicKey)), KeylessFault.NotLogged),
        ["logs with keys of a kind to come, but one"] = (r => r["tlogs"]!.AsArray()[1]!["publicKey"]!["keyDetails"] = "ML_DSA_65", null),
    };

    public static TheoryData<string> WindowNames => [.. Windows.Keys];

    [Theory]
    [MemberData(nameof(WindowNames))]
    public void Pinned_keys_count_in_their_window_of_time(string what)
    {
        var (change, fault) = Windows[what];
        var root = World.TrustedRoot();
        change(root);
        Assert.Equal((what, fault), (what, KeylessVerifier.Verify(Bundle(), Image, RootOf(root), [Identity()], NoAnnotations).Fault));
    }

    [Theory]
    [InlineData("start", "2026-01-16T00:00:00Z")]
    [InlineData("end", "2026-01-14T00:00:00Z")]
    public void A_timestamp_authority_counts_in_its_window_of_time(string end, string time)
    {
        var root = World.TrustedRoot();
        root["timestampAuthorities"]![0]!["validFor"]![end] = time;
        Assert.Equal(KeylessFault.NoTime, KeylessVerifier.Verify(Bundle2(), Image, RootOf(root), [Identity()], NoAnnotations).Fault);
        root.Remove("timestampAuthorities");
        Assert.Equal(KeylessFault.NoTime, KeylessVerifier.Verify(Bundle2(), Image, RootOf(root), [Identity()], NoAnnotations).Fault);
    }

    [Fact]
    public void A_timestamp_signer_whose_purpose_is_not_critical_does_not_count()
    {
        var lax = new SimulatedTimestamps("lax.example", SigstoreSimulator.SignedAt.AddYears(-1), SigstoreSimulator.SignedAt.AddYears(1), criticalPurpose: false);
        var root = World.TrustedRoot();
        root["timestampAuthorities"]![0]!["certChain"]!["certificates"] = new JsonArray([.. lax.Chain.Select(Raw)]);
        var bundle = Built2();
        Stamp(bundle, lax);
        Assert.Equal(KeylessFault.NoTime, KeylessVerifier.Verify(Bundle(bundle), Image, RootOf(root), [Identity()], NoAnnotations).Fault);
    }

    internal static SigstoreRoot RootOf(JsonObject json)
    {
        Assert.True(SigstoreRoot.TryRead(CosignFiles.Bytes(json), out var root, out var problem), problem);
        return root;
    }

    internal static KeylessIdentity Identity(string issuer = SigstoreSimulator.Issuer, string subject = SigstoreSimulator.Subject)
    {
        Assert.True(TextRule.TryExact(issuer, out var first, out _));
        Assert.True(TextRule.TryExact(subject, out var second, out _));
        return new KeylessIdentity(first, second);
    }

    private static KeylessFinding Verify(CosignSignature signature, params KeylessIdentity[] identities) =>
        KeylessVerifier.Verify(signature, Image, RootOf(World.TrustedRoot()), identities, NoAnnotations);

    private static SimpleSigningSignature Simple(KeylessSigning? how = null, byte[]? payload = null, bool stamped = false, bool log = true)
    {
        payload ??= CosignFiles.Payload(Image);
        var annotations = World.Annotations(payload, how, stamped);
        return new SimpleSigningSignature(
            payload,
            (string)annotations["dev.cosignproject.cosign/signature"]!,
            new CertificateAnnotations(
                (string)annotations["dev.sigstore.cosign/certificate"]!,
                log ? (string)annotations["dev.sigstore.cosign/bundle"]! : null,
                (string?)annotations["dev.sigstore.cosign/rfc3161timestamp"]));
    }

    private static JsonObject Built(KeylessSigning? how = null) => World.Bundle(CosignFiles.Statement(Image), how);

    private static JsonObject Built2(KeylessSigning? how = null) => World.Bundle2(CosignFiles.Statement(Image), how);

    private static BundleSignature Bundle(JsonObject bundle) => new(CosignFiles.Bytes(bundle));

    private static BundleSignature Bundle(KeylessSigning? how = null, byte[]? statement = null) =>
        Bundle(World.Bundle(statement ?? CosignFiles.Statement(Image), how));

    private static BundleSignature Bundle2(KeylessSigning? how = null) => Bundle(Built2(how));

    private static BundleSignature Custom(SimulatedLog log, bool stamped, Func<KeylessCertificate, byte[], byte[], byte[], JsonObject>? body) =>
        Bundle(World.Bundle(World.Issue(), CosignFiles.Statement(Image), new KeylessSigning(), log, stamped, body: body));

    private static BundleSignature Changed(Action<JsonObject> change, bool stamped = false)
    {
        var bundle = World.Bundle(World.Issue(), CosignFiles.Statement(Image), new KeylessSigning(), World.Log, stamped);
        change(bundle);
        return Bundle(bundle);
    }

    private static BundleSignature Changed2(Action<JsonObject> change)
    {
        var bundle = Built2();
        change(bundle);
        return Bundle(bundle);
    }

    private static void ToOldest(JsonObject bundle)
    {
        var material = Material(bundle);
        bundle["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1";
        material["x509CertificateChain"] = new JsonObject
        {
            ["certificates"] = new JsonArray(material["certificate"]!.DeepClone(), Raw(World.Authority.Intermediate.RawData)),
        };
        material.Remove("certificate");
    }

    private static JsonObject Raw(byte[] certificate) => new() { ["rawBytes"] = Convert.ToBase64String(certificate) };

    private static JsonObject Material(JsonObject bundle) => bundle["verificationMaterial"]!.AsObject();

    private static JsonObject Envelope(JsonObject bundle) => bundle["dsseEnvelope"]!.AsObject();

    private static JsonArray Entries(JsonObject bundle) => Material(bundle)["tlogEntries"]!.AsArray();

    private static JsonObject Entry(JsonObject bundle) => Entries(bundle)[0]!.AsObject();

    private static JsonObject Proof(JsonObject bundle) => Entry(bundle)["inclusionProof"]!.AsObject();

    private static JsonArray Certificates(JsonObject bundle) => Material(bundle)["x509CertificateChain"]!["certificates"]!.AsArray();

    private static void Checkpoint(JsonObject bundle, SimulatedLog log) => Proof(bundle)["checkpoint"]!["envelope"] =
        log.Checkpoint((string)Proof(bundle)["treeSize"]!, Convert.FromBase64String((string)Proof(bundle)["rootHash"]!));

    private static void Stamp(JsonObject bundle, SimulatedTimestamps by)
    {
        var signature = Convert.FromBase64String((string)Envelope(bundle)["signatures"]![0]!["sig"]!);
        Material(bundle)["timestampVerificationData"] = SigstoreSimulator.Stamps(by.Stamp(signature, SigstoreSimulator.SignedAt.AddSeconds(2)));
    }

    private static void Logs(JsonObject root, string end, string time) =>
        root["tlogs"]!.AsArray().ToList().ForEach(l => l!["publicKey"]!["validFor"]![end] = time);

    private static void Key(JsonNode log, byte[] key)
    {
        log["publicKey"]!["rawBytes"] = Convert.ToBase64String(key);
        log["publicKey"]!["keyDetails"] = "PKIX_ECDSA_P256_SHA_256";
    }
}
