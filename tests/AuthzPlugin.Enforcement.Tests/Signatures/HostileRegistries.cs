using System.Diagnostics;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;
using Xunit.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Whatever a registry sends costs a bounded time, a bounded number of requests and bounded memory, and is never trusted.</summary>
[Collection(Alone)]
public sealed class HostileRegistries(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>The collection of this class: what is allocated meanwhile is its own.</summary>
    internal const string Alone = "what is measured";

    /// <summary>Both sides of a search that reads as much as it may (<see cref="RegistryLimits.TotalBytes"/>), in strings and buffers.</summary>
    private const int MostMebibytes = 256;

    private static readonly Dictionary<string, Action<SignatureLab, Digest, HostileSigner>> Attacks = new()
    {
        ["an endless signature manifest"] = (lab, image, _) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Endless(),
        ["an announced giant"] = (lab, image, _) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Announced(1L << 40),
        ["an endless list of referrers"] = (lab, image, _) => lab.Registry.Lies[$"referrers/{image}"] = new Answer.Endless(),
        ["an endless payload"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.Endless()),
        ["another payload than its digest says"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.Bytes(CosignFiles.Payload(image, new Dictionary<string, string> { ["x"] = "y" }))),
        ["a payload cut off"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.CutOff()),
        ["a payload that is gone"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.Status(404)),
        ["a signature manifest that is no JSON"] = (lab, image, _) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Bytes("<html>"u8.ToArray()),
        ["a manifest with another digest"] = (lab, image, signer) =>
        {
            lab.Registry.HasReferrers = true;
            var manifest = lab.Registry.PutReferrer(SignatureLab.Path, image, SignedImages.BundleType, signer.Bundle(image, false));
            lab.Registry.Lies[$"manifests/{manifest}"] = new Answer.Changed(bytes => [.. bytes, (byte)' ']);
        },
        ["a list whose next page is itself"] = (lab, image, _) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.NextPage) = (true, $"/v2/{SignatureLab.Path}/referrers/{image}");
            lab.Registry.PutReferrer(SignatureLab.Path, image, "application/spdx+json", [1]);
        },
        ["a list whose next page is elsewhere"] = (lab, image, _) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.NextPage) = (true, "http://169.254.169.254/latest/meta-data");
            lab.Registry.PutReferrer(SignatureLab.Path, image, "application/spdx+json", [1]);
        },
        ["an index that lists itself and other indexes"] = (lab, image, _) =>
        {
            var cycle = new JsonObject
            {
                ["mediaType"] = "application/vnd.oci.image.index.v1+json",
                ["digest"] = image.ToString(),
                ["size"] = 1,
                ["artifactType"] = SignedImages.BundleType,
            };
            var inner = lab.Registry.PutManifest(SignatureLab.Path, RegistrySimulator.Index([cycle]));
            cycle = (JsonObject)cycle.DeepClone();
            cycle["digest"] = inner.ToString();
            lab.Registry.PutManifest(SignatureLab.Path, RegistrySimulator.Index([cycle, (JsonObject)cycle.DeepClone()]), $"sha256-{image.Hex}");
        },
        ["10 000 signatures by strangers in one manifest"] = (lab, image, signer) => SignManyTimes(lab, image, signer, 10_000),
        ["as many signatures by strangers as fit into one manifest"] = (lab, image, signer) => SignManyTimes(lab, image, signer, 800),
        ["10 000 referrers"] = (lab, image, _) =>
        {
            var descriptors = Enumerable.Range(0, 10_000).Select(i =>
            {
                var descriptor = RegistrySimulator.Descriptor(BitConverter.GetBytes(i), SignedImages.BundleType);
                return descriptor;
            });
            lab.Registry.PutManifest(SignatureLab.Path, RegistrySimulator.Index([.. descriptors]), $"sha256-{image.Hex}");
        },
        ["500 manifests with a bundle by a stranger"] = (lab, image, signer) =>
        {
            for (var i = 0; i < 500; i++)
            {
                lab.Registry.PutReferrer(SignatureLab.Path, image, SignedImages.BundleType, signer.Bundle(image, true));
            }

            lab.Registry.HasReferrers = true;
        },
        ["30 bundles of a megabyte by a stranger, with a thousand log entries and timestamps"] = (lab, image, signer) =>
        {
            lab.Registry.HasReferrers = true;
            var bundle = (JsonObject)JsonNode.Parse(signer.Bundle(image, true))!;
            var material = bundle["verificationMaterial"]!;
            var entry = material["tlogEntries"]?[0] ?? new JsonObject { ["logIndex"] = "1" };
            material["tlogEntries"] = Many(entry, 500_000);
            material["timestampVerificationData"] = SigstoreSimulator.Stamps([.. Enumerable.Repeat(new byte[300], 1_000)]);
            for (var i = 0; i < 30; i++)
            {
                bundle["n"] = i;
                lab.Registry.PutReferrer(SignatureLab.Path, image, SignedImages.BundleType, CosignFiles.Bytes(bundle));
            }
        },
        ["deep JSON"] = (lab, image, _) => lab.Registry.PutManifest(
            SignatureLab.Path, System.Text.Encoding.ASCII.GetBytes(new string('[', 100_000)), $"sha256-{image.Hex}.sig"),
        ["silence"] = (lab, image, _) => lab.Registry.Lies["*"] = new Answer.Silence(),
        ["a trickle"] = (lab, image, signer) =>
        {
            SignSimple(lab, image, signer);
            lab.Registry.Lies["*"] = new Answer.Trickle();
        },
        ["a redirect of a manifest"] = (lab, image, signer) =>
        {
            SignSimple(lab, image, signer);
            lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Redirect("/elsewhere");
        },
        ["a redirect of a blob in a circle"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.Redirect(lab.Registry.Url + "storage/x"), "storage/x"),
        ["a redirect of a blob to another machine without TLS"] = (lab, image, signer) => WithPayload(lab, image, signer, new Answer.Redirect("http://169.254.169.254/x")),
    };

    private static readonly SigstoreSimulator World = new();

    /// <summary>The kinds of evidence that are made of cosign's files; FindingNotation has the attacks on notation's.</summary>
    private static readonly Dictionary<string, Func<SignatureLab, HostileSigner>> Signers = new()
    {
        ["cosign"] = lab => new HostileSigner(
            lab.Policy,
            (payload, isStranger) => new JsonObject { ["dev.cosignproject.cosign/signature"] = Convert.ToBase64String(KeyOf(lab, isStranger).Sign(payload)) },
            (image, isStranger) => CosignFiles.Bytes(CosignFiles.Bundle(KeyOf(lab, isStranger), CosignFiles.Statement(image)))),
        ["keyless"] = _ => new HostileSigner(
            FindingKeylessSignatures.PolicyOf(World),
            (payload, isStranger) => World.Annotations(payload, By(isStranger)),
            (image, isStranger) => CosignFiles.Bytes(World.Bundle(CosignFiles.Statement(image), By(isStranger)))),
    };

    private SignatureLab _lab = null!;

    public static TheoryData<string, string> AttacksOnEachKind
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var kind in Signers.Keys)
            {
                foreach (var attack in Attacks.Keys)
                {
                    data.Add(kind, attack);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> Kinds => [.. Signers.Keys];

    public async Task InitializeAsync()
    {
        _lab = await SignatureLab.StartAsync();
        await _lab.WithAsync(o => o with { RequestTimeout = TimeSpan.FromSeconds(1), UpdateTimeout = TimeSpan.FromSeconds(3) }, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(AttacksOnEachKind))]
    public async Task Costs_a_bounded_effort_and_is_refused_or_undecided(string kind, string attack)
    {
        var image = _lab.PutImage();
        var signer = Signers[kind](_lab);
        Attacks[attack](_lab, image, signer);
        var before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();

        var outcome = await OutcomeAsync(image, signer.Demand);

        var allocated = (GC.GetTotalAllocatedBytes() - before) / (1024 * 1024);
        output.WriteLine($"{kind}, {attack}: {outcome}, {_lab.Registry.Requests.Count} requests, {clock.ElapsedMilliseconds} ms, {allocated} MiB allocated by both sides");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{attack} took {clock.Elapsed}");
        Assert.True(allocated < MostMebibytes, $"{attack}: {allocated} MiB");
        Assert.True(_lab.Registry.Requests.Count <= (2 * RegistryLimits.Manifests) + RegistryLimits.ReferrerPages + 2, $"{attack}: {_lab.Registry.Requests.Count} requests");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_attacks_are_made_of_counts_when_nothing_is_wrong_with_it(string kind)
    {
        var signer = Signers[kind](_lab);
        var (simple, bundled, strange) = (_lab.PutImage("1"), _lab.PutImage("2"), _lab.PutImage("3"));
        _lab.Registry.HasReferrers = true;
        SignSimple(_lab, simple, signer);
        _lab.Registry.PutReferrer(SignatureLab.Path, bundled, SignedImages.BundleType, signer.Bundle(bundled, false));
        _lab.Registry.PutReferrer(SignatureLab.Path, strange, SignedImages.BundleType, signer.Bundle(strange, true));

        Assert.True((await _lab.FindAsync(simple, signer.Demand)).IsEnough);
        Assert.True((await _lab.FindAsync(bundled, signer.Demand)).IsEnough);
        Assert.False((await _lab.FindAsync(strange, signer.Demand)).IsEnough);
    }

    private async Task<string> OutcomeAsync(Digest image, SignatureDemand demand)
    {
        try
        {
            var evidence = await _lab.FindAsync(image, demand);
            Assert.False(evidence.IsEnough);
            return $"refused ({evidence.SignatureCount} signatures; {(evidence.Lines.Count > 0 ? evidence.Lines[^1].Text : "")})";
        }
        catch (TransportException e)
        {
            return $"undecided ({e.Message})";
        }
    }

    private static CosignTestKey KeyOf(SignatureLab lab, bool isStranger) => isStranger ? lab.Stranger : lab.Key;

    /// <summary>A stranger's signature is as good as any other and costs as much, but for whose it is.</summary>
    private static KeylessSigning By(bool isStranger) => new() { Subject = isStranger ? "https://git.example.com/mallory" : SigstoreSimulator.Subject };

    /// <summary>As many copies as fit into so many bytes.</summary>
    private static JsonArray Many(JsonNode node, int bytes) =>
        new([.. Enumerable.Repeat(node, bytes / node.ToJsonString().Length).Select(n => n.DeepClone())]);

    private static void SignSimple(SignatureLab lab, Digest image, HostileSigner signer)
    {
        var payload = CosignFiles.Payload(image);
        lab.Registry.SignSimple(SignatureLab.Path, image, payload, signer.Annotations(payload, false));
    }

    private static void SignManyTimes(SignatureLab lab, Digest image, HostileSigner signer, int times)
    {
        var payload = CosignFiles.Payload(image);
        var digest = lab.Registry.PutBlob(payload);
        var annotations = signer.Annotations(payload, true);
        var layers = Enumerable.Range(0, times).Select(
            _ => SignedImages.Layer(SignedImages.SimpleSigningLayer, digest, (JsonObject)annotations.DeepClone()));
        lab.Registry.PutManifest(
            SignatureLab.Path,
            SignedImages.Bytes(new JsonObject { ["schemaVersion"] = 2, ["layers"] = new JsonArray([.. layers]) }),
            $"sha256-{image.Hex}.sig");
    }

    private static void WithPayload(SignatureLab lab, Digest image, HostileSigner signer, Answer answer, string? also = null)
    {
        SignSimple(lab, image, signer);
        lab.Registry.Lies[$"blobs/{RegistrySimulator.DigestOf(CosignFiles.Payload(image))}"] = answer;
        if (also is not null)
        {
            lab.Registry.Lies[also] = answer;
        }
    }

    /// <summary>What an attack is made with.</summary>
    /// <param name="Annotations">Of a layer in simple signing with this payload, by a signer who counts or by a stranger.</param>
    /// <param name="Bundle">About this image, likewise.</param>
    private sealed record HostileSigner(SignatureDemand Demand, Func<byte[], bool, JsonObject> Annotations, Func<Digest, bool, byte[]> Bundle);
}

/// <summary>Runs when nothing else does.</summary>
[CollectionDefinition(HostileRegistries.Alone, DisableParallelization = true)]
public sealed class AloneDefinition;
