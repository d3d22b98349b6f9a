using System.Diagnostics;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;
using Xunit.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Signatures;

/// <summary>Whatever a registry sends costs a bounded time, a bounded number of requests and bounded memory, and is never trusted.</summary>
public sealed class HostileRegistries(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly Dictionary<string, Action<SignatureLab, Digest>> Attacks = new()
    {
        ["an endless signature manifest"] = (lab, image) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Endless(),
        ["an announced giant"] = (lab, image) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Announced(1L << 40),
        ["an endless list of referrers"] = (lab, image) => lab.Registry.Lies[$"referrers/{image}"] = new Answer.Endless(),
        ["an endless payload"] = (lab, image) => WithPayload(lab, image, new Answer.Endless()),
        ["another payload than its digest says"] = (lab, image) => WithPayload(lab, image, new Answer.Bytes(CosignFiles.Payload(image, new Dictionary<string, string> { ["x"] = "y" }))),
        ["a payload cut off"] = (lab, image) => WithPayload(lab, image, new Answer.CutOff()),
        ["a payload that is gone"] = (lab, image) => WithPayload(lab, image, new Answer.Status(404)),
        ["a signature manifest that is no JSON"] = (lab, image) => lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Bytes("<html>"u8.ToArray()),
        ["a manifest with another digest"] = (lab, image) =>
        {
            lab.Registry.HasReferrers = true;
            var manifest = lab.Registry.SignBundle(SignatureLab.Path, image, lab.Key);
            lab.Registry.Lies[$"manifests/{manifest}"] = new Answer.Changed(bytes => [.. bytes, (byte)' ']);
        },
        ["a list whose next page is itself"] = (lab, image) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.NextPage) = (true, $"/v2/{SignatureLab.Path}/referrers/{image}");
            lab.Registry.PutReferrer(SignatureLab.Path, image, "application/spdx+json", [1]);
        },
        ["a list whose next page is elsewhere"] = (lab, image) =>
        {
            (lab.Registry.HasReferrers, lab.Registry.NextPage) = (true, "http://169.254.169.254/latest/meta-data");
            lab.Registry.PutReferrer(SignatureLab.Path, image, "application/spdx+json", [1]);
        },
        ["an index that lists itself and other indexes"] = (lab, image) =>
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
        ["10 000 signatures by strangers in one manifest"] = (lab, image) =>
        {
            var payload = CosignFiles.Payload(image);
            var digest = lab.Registry.PutBlob(payload);
            var signature = Convert.ToBase64String(lab.Stranger.Sign(payload));
            var layers = Enumerable.Range(0, 10_000).Select(_ => SignedImages.Layer(
                SignedImages.SimpleSigningLayer, digest, new JsonObject { ["dev.cosignproject.cosign/signature"] = signature }));
            lab.Registry.PutManifest(
                SignatureLab.Path,
                SignedImages.Bytes(new JsonObject { ["schemaVersion"] = 2, ["layers"] = new JsonArray([.. layers]) }),
                $"sha256-{image.Hex}.sig");
        },
        ["10 000 referrers"] = (lab, image) =>
        {
            var descriptors = Enumerable.Range(0, 10_000).Select(i =>
            {
                var descriptor = RegistrySimulator.Descriptor(BitConverter.GetBytes(i), SignedImages.BundleType);
                return descriptor;
            });
            lab.Registry.PutManifest(SignatureLab.Path, RegistrySimulator.Index([.. descriptors]), $"sha256-{image.Hex}");
        },
        ["500 manifests with a bundle by a stranger"] = (lab, image) =>
        {
            for (var i = 0; i < 500; i++)
            {
                lab.Registry.SignBundle(SignatureLab.Path, image, lab.Stranger);
            }

            lab.Registry.HasReferrers = true;
        },
        ["deep JSON"] = (lab, image) => lab.Registry.PutManifest(
            SignatureLab.Path, System.Text.Encoding.ASCII.GetBytes(new string('[', 100_000)), $"sha256-{image.Hex}.sig"),
        ["silence"] = (lab, image) => lab.Registry.Lies["*"] = new Answer.Silence(),
        ["a trickle"] = (lab, image) =>
        {
            lab.Registry.SignSimple(SignatureLab.Path, image, lab.Key);
            lab.Registry.Lies["*"] = new Answer.Trickle();
        },
        ["a redirect of a manifest"] = (lab, image) =>
        {
            lab.Registry.SignSimple(SignatureLab.Path, image, lab.Key);
            lab.Registry.Lies[$"manifests/sha256-{image.Hex}.sig"] = new Answer.Redirect("/elsewhere");
        },
        ["a redirect of a blob in a circle"] = (lab, image) => WithPayload(lab, image, new Answer.Redirect(lab.Registry.Url + "storage/x"), "storage/x"),
        ["a redirect of a blob to another machine without TLS"] = (lab, image) => WithPayload(lab, image, new Answer.Redirect("http://169.254.169.254/x")),
    };

    private SignatureLab _lab = null!;

    public static TheoryData<string> Names => [.. Attacks.Keys];

    public async Task InitializeAsync()
    {
        _lab = await SignatureLab.StartAsync();
        await _lab.WithAsync(o => o with { RequestTimeout = TimeSpan.FromSeconds(1), UpdateTimeout = TimeSpan.FromSeconds(3) }, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Costs_a_bounded_effort_and_is_refused_or_undecided(string attack)
    {
        var image = _lab.PutImage();
        Attacks[attack](_lab, image);
        var before = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();

        var outcome = await OutcomeAsync(image);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{attack} took {clock.Elapsed}");
        Assert.True(_lab.Registry.Requests.Count <= (2 * RegistryLimits.Manifests) + RegistryLimits.ReferrerPages + 2, $"{attack}: {_lab.Registry.Requests.Count} requests");
        output.WriteLine(
            $"{attack}: {outcome}, {_lab.Registry.Requests.Count} requests, {clock.ElapsedMilliseconds} ms, {(GC.GetTotalAllocatedBytes() - before) / 1024} KiB allocated by both sides");
    }

    private async Task<string> OutcomeAsync(Digest image)
    {
        try
        {
            var evidence = await _lab.FindAsync(image);
            Assert.False(evidence.IsEnough);
            return $"refused ({evidence.SignatureCount} signatures; {(evidence.Lines.Count > 0 ? evidence.Lines[^1].Text : "")})";
        }
        catch (TransportException e)
        {
            return $"undecided ({e.Message})";
        }
    }

    private static void WithPayload(SignatureLab lab, Digest image, Answer answer, string? also = null)
    {
        lab.Registry.SignSimple(SignatureLab.Path, image, lab.Key);
        lab.Registry.Lies[$"blobs/{RegistrySimulator.DigestOf(CosignFiles.Payload(image))}"] = answer;
        if (also is not null)
        {
            lab.Registry.Lies[also] = answer;
        }
    }
}
