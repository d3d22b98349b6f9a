using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Real notation against the real engine and registry; where it matters, notation's own verdict beside ours.</summary>
[Collection(LabFixture.Collection)]
public sealed class NotationSignatures(LabFixture lab, ITestOutputHelper output)
{
    [Theory]
    [InlineData("jws")]
    [InlineData("cose")]
    public Task A_signed_image_pulls_runs_and_starts_again(string format) => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync($"notation-run-{format}", "1");
        await Cosign.UseAsync(lab, image.Repository, notation.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no notation signature of {image.ByDigest}; sign it with notation sign {image.ByDigest}");
        Assert.False(await notation.VerifiesAsync(image));
        await Wait.PastNegativeAnswersAsync();

        await notation.SignAsync(image, format);

        Assert.True(await notation.VerifiesAsync(image));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        (await lab.RunAsync(image.ByDigest)).ShouldSucceed(image.Text);
        var approval = lab.Plugin.Audit().Last(r => r.IsStart);
        Assert.Equal(("approved", image.Digest), (approval.Reason, approval.SignedDigest));
    });

    [Fact]
    public Task A_signature_with_another_certificate_does_not_count() => lab.TestAsync(async () =>
    {
        var (stranger, image) = await PushedAsync("notation-stranger", "1", key: "stranger");
        var notation = await Notation.WithKeyAsync(lab, "team-a");
        await stranger.SignAsync(image, "jws");
        await Cosign.UseAsync(lab, image.Repository, notation.Entry());

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("CN=stranger", "leads to no certificate of the trust stores");
        Assert.Equal("bad-signature", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
        Assert.False(await notation.VerifiesAsync(image));
    });

    [Fact]
    public Task A_signer_that_the_trust_policy_does_not_name_does_not_count() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-identity", "1");
        await notation.SignAsync(image, "cose");
        await Cosign.UseAsync(lab, image.Repository, notation.Entry("x509.subject: C=US, ST=WA, O=Somebody Else"));
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("whom the trust policy does not name");

        await Cosign.UseAsync(lab, image.Repository, notation.Entry("x509.subject: C=US, ST=WA, O=Notary"));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
    });

    [Fact]
    public Task A_signature_of_another_digest_does_not_count() => lab.TestAsync(async () =>
    {
        var (notation, signed) = await PushedAsync("notation-digest", "1");
        await notation.SignAsync(signed, "jws");
        var other = await lab.UnsignedAsync("notation-digest", "2");
        await MoveSignatureAsync(signed, other);
        await lab.ForgetAsync(other);
        await Cosign.UseAsync(lab, other.Repository, notation.Entry());

        (await lab.DockerAsync("pull", other.Reference)).ShouldBeRefused($"is over {signed.Digest}");
        Assert.False(await notation.VerifiesAsync(other));
    });

    [Fact]
    public Task A_signature_that_was_removed_counts_no_more_and_a_changed_trust_ends_approvals() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-removed", "1");
        await notation.SignAsync(image, "cose");
        var entry = notation.Entry();
        await Cosign.UseAsync(lab, image.Repository, entry, cache: "1h");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;

        await Cosign.RemoveSignaturesAsync(lab, image);
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);

        await Cosign.UseAsync(lab, image.Repository, (JsonObject)entry.DeepClone());
        (await lab.RunAsync(image.Reference)).ShouldBeRefused("no notation signature");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        var other = await Notation.WithKeyAsync(lab, "team-b");
        await Cosign.UseAsync(lab, image.Repository, other.Entry());
        (await lab.Engine.PostAsync($"/v1.41/containers/{container}/restart?t=0")).ShouldBeRefused("may not run");
    });

    [Theory]
    [InlineData("any", true, false, true)]
    [InlineData("any", false, true, true)]
    [InlineData("any", false, false, false)]
    [InlineData("all", true, true, true)]
    [InlineData("all", true, false, false)]
    [InlineData("all", false, true, false)]
    public Task Any_or_all_with_notary(string rule, bool notary, bool notated, bool runs) => lab.TestAsync(async () =>
    {
        var name = $"notation-{rule}{(notary ? "-n" : "")}{(notated ? "-c" : "")}";
        var notation = await Notation.WithKeyAsync(lab, "team-a");
        await lab.SignedAsync(name, "other");
        var image = notary ? await lab.SignedAsync(name, "1") : await lab.UnsignedAsync(name, "1");
        if (notated)
        {
            await notation.SignAsync(image, "jws");
        }

        var entry = notation.Entry();
        (entry["require"], entry["notary-v1"]) = (rule, true);
        await Cosign.UseAsync(lab, image.Repository, entry);
        foreach (var result in new[] { await lab.DockerAsync("pull", image.Reference), await lab.RunAsync(image.Reference) })
        {
            _ = runs ? result.ShouldSucceed() : result.ShouldBeRefused();
        }
    });

    [Fact]
    public Task After_its_last_day_a_kind_counts_no_more() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-ends", "1");
        await notation.SignAsync(image, "jws");
        var entry = notation.Entry();
        entry["accept-until"] = new JsonObject { ["notation"] = "2099-12-31" };
        await Cosign.UseAsync(lab, image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();

        entry = (JsonObject)entry.DeepClone();
        entry["accept-until"] = new JsonObject { ["notation"] = "2020-12-31" };
        await Cosign.UseAsync(lab, image.Repository, entry);
        (await lab.RunAsync(image.Reference)).ShouldBeRefused("accept-until has ended notation");
    });

    [Fact]
    public Task User_metadata_is_demanded() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-metadata", "1");
        var entry = notation.Entry();
        entry["notation"]!["annotations"] = new JsonObject { ["env"] = "prod" };
        await notation.SignAsync(image, "jws", "env=test");
        await Cosign.UseAsync(lab, image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("env=test instead of prod");
        await Wait.PastNegativeAnswersAsync();

        await notation.SignAsync(image, "cose", "env=prod");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
    });

    [Fact]
    public Task How_long_decisions_take_beside_those_of_notary() => lab.TestAsync(async () =>
    {
        var notation = await Notation.WithKeyAsync(lab, "team-a");
        var byNotary = await lab.SignedAsync("notation-times-notary", "1");
        var (jws, cose) = (await lab.UnsignedAsync("notation-times-jws", "1"), await lab.UnsignedAsync("notation-times-cose", "1"));
        await notation.SignAsync(jws, "jws");
        await notation.SignAsync(cose, "cose");
        await lab.WithPolicyAsync(p => p["signature-policies"] = new JsonObject { [jws.Repository] = notation.Entry(), [cose.Repository] = notation.Entry() });
        var (cold, warm) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var (kind, image) in new[] { ("notary-v1", byNotary), ("notation, JWS", jws), ("notation, COSE", cose) })
        {
            await lab.Plugin.RestartAsync();
            // What every first decision of a process pays, whatever its kind.
            (await lab.CreateAsync("localhost:1/unpinned")).ShouldBeRefused();
            cold[kind] = await TimeAsync(image);
            var all = new List<double>();
            for (var i = 0; i < 15; i++)
            {
                all.Add(await TimeAsync(image));
            }

            warm[kind] = all.Order().ElementAt(7);
        }

        foreach (var kind in cold.Keys.Where(k => k != "notary-v1"))
        {
            output.WriteLine(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"figure: {kind}: cold decision {cold[kind] / cold["notary-v1"]:0.00} times that of notary-v1 ({cold["notary-v1"]:0.0} ms), warm {warm[kind] / warm["notary-v1"]:0.00} times ({warm["notary-v1"]:0.0} ms)"));
        }
    });

    private async Task<double> TimeAsync(LabImage image)
    {
        (await lab.CreateAsync(image.Reference)).ShouldSucceed();
        return lab.Plugin.Audit().Last(r => r.IsCreate && r.Phase == "request").Milliseconds;
    }

    private async Task<(Notation Notation, LabImage Image)> PushedAsync(string repository, string tag, string key = "team-a")
    {
        var notation = await Notation.WithKeyAsync(lab, key);
        var image = await lab.UnsignedAsync(repository, tag);
        await lab.ForgetAsync(image);
        return (notation, image);
    }

    // Whoever can write to the registry can make a signature refer to anything.
    private async Task MoveSignatureAsync(LabImage signed, LabImage other)
    {
        using var http = new HttpClient();
        var manifests = $"http://{lab.Registry}/v2/{signed.Repository[(signed.Repository.IndexOf('/', StringComparison.Ordinal) + 1)..]}/manifests/";
        var index = JsonNode.Parse(await GetAsync(http, manifests + $"sha256-{signed.Digest[7..]}"))!;
        var found = index["manifests"]!.AsArray().Single()!;
        var manifest = JsonNode.Parse(await GetAsync(http, manifests + found["digest"]!.GetValue<string>()))!;
        manifest["subject"]!["digest"] = other.Digest;
        var bytes = System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString());
        var digest = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        await PutAsync(http, manifests + digest, bytes, "application/vnd.oci.image.manifest.v1+json");
        (found["digest"], found["size"]) = (digest, bytes.Length);
        await PutAsync(
            http, manifests + $"sha256-{other.Digest[7..]}", System.Text.Encoding.UTF8.GetBytes(index.ToJsonString()), "application/vnd.oci.image.index.v1+json");
    }

    private static async Task<byte[]> GetAsync(HttpClient http, string url)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, url);
        ask.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        ask.Headers.Accept.ParseAdd("application/vnd.oci.image.index.v1+json");
        using var found = (await http.SendAsync(ask)).EnsureSuccessStatusCode();
        return await found.Content.ReadAsByteArrayAsync();
    }

    private static async Task PutAsync(HttpClient http, string url, byte[] bytes, string type)
    {
        using var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new(type);
        (await http.PutAsync(url, content)).EnsureSuccessStatusCode();
    }
}
