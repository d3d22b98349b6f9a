using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using AuthzPlugin.Testing.Signatures;
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
        var (notation, image) = await PushedAsync($"notation-run-{format}");
        await lab.UseEntryAsync(image.Repository, notation.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no notation signature of {image.ByDigest}; sign it with notation sign {image.ByDigest}");
        Assert.False(await notation.VerifiesAsync(image));
        await Wait.PastNegativeAnswersAsync();

        await notation.SignAsync(image, format);

        Assert.True(await notation.VerifiesAsync(image));
        await lab.ShouldPullRunAndStartAsync(image);
    });

    [Fact]
    public Task A_signature_with_another_certificate_does_not_count() => lab.TestAsync(async () =>
    {
        var (stranger, image) = await PushedAsync("notation-stranger", key: "stranger");
        var notation = await Notation.WithKeyAsync(lab, "team-a");
        await stranger.SignAsync(image, "jws");
        await lab.UseEntryAsync(image.Repository, notation.Entry());

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("CN=stranger", "leads to no certificate of the trust stores");
        Assert.Equal("bad-signature", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
        Assert.False(await notation.VerifiesAsync(image));
    });

    [Fact]
    public Task A_signer_that_the_trust_policy_does_not_name_does_not_count() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-identity");
        await notation.SignAsync(image, "cose");
        await lab.UseEntryAsync(image.Repository, notation.Entry("x509.subject: C=US, ST=WA, O=Somebody Else"));
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("whom the trust policy does not name");

        await lab.UseEntryAsync(image.Repository, notation.Entry("x509.subject: C=US, ST=WA, O=Notary"));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
    });

    [Fact]
    public Task A_signature_of_another_digest_does_not_count() => lab.TestAsync(async () =>
    {
        var (notation, signed) = await PushedAsync("notation-digest");
        await notation.SignAsync(signed, "jws");
        var other = await lab.UnsignedAsync("notation-digest", "2");
        await MoveSignatureAsync(signed, other);
        await lab.ForgetAsync(other);
        await lab.UseEntryAsync(other.Repository, notation.Entry());

        (await lab.DockerAsync("pull", other.Reference)).ShouldBeRefused($"is over {signed.Digest}");
        Assert.False(await notation.VerifiesAsync(other));
    });

    [Fact]
    public Task A_signature_that_was_removed_counts_no_more_and_a_changed_trust_ends_approvals() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-removed");
        await notation.SignAsync(image, "cose");
        var entry = notation.Entry();
        await lab.UseEntryAsync(image.Repository, entry, cache: "1h");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        var container = (await lab.Engine.CreateAsync(lab.Startable(image))).ShouldSucceed().Id;

        await LabRegistry.RemoveSignaturesAsync(lab, image);
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);

        await lab.UseEntryAsync(image.Repository, (JsonObject)entry.DeepClone());
        (await lab.RunAsync(image)).ShouldBeRefused("no notation signature");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        var other = await Notation.WithKeyAsync(lab, "team-b");
        await lab.UseEntryAsync(image.Repository, other.Entry());
        (await lab.RestartAsync(container)).ShouldBeRefused("may not run");
    });

    [Theory]
    [MemberData(nameof(SignatureFlows.AnyOrAll), MemberType = typeof(SignatureFlows))]
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
        await lab.UseEntryAsync(image.Repository, entry);
        await lab.ShouldPullAndRunAsync(image, runs);
    });

    [Fact]
    public Task After_its_last_day_a_kind_counts_no_more() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-ends");
        await notation.SignAsync(image, "jws");
        var entry = notation.Entry();
        entry["accept-until"] = new JsonObject { ["notation"] = "2099-12-31" };
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();

        entry = (JsonObject)entry.DeepClone();
        entry["accept-until"] = new JsonObject { ["notation"] = "2020-12-31" };
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.RunAsync(image)).ShouldBeRefused("accept-until has ended notation");
    });

    [Fact]
    public Task User_metadata_is_demanded() => lab.TestAsync(async () =>
    {
        var (notation, image) = await PushedAsync("notation-metadata");
        var entry = notation.Entry();
        entry["notation"]!["annotations"] = new JsonObject { ["env"] = "prod" };
        await notation.SignAsync(image, "jws", "env=test");
        await lab.UseEntryAsync(image.Repository, entry);
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
        await lab.CompareTimesAsync(output, byNotary, ("notation, JWS", jws), ("notation, COSE", cose));
    });

    private async Task<(Notation Notation, LabImage Image)> PushedAsync(string repository, string key = "team-a") =>
        (await Notation.WithKeyAsync(lab, key), await lab.PushedAsync(repository));

    private async Task MoveSignatureAsync(LabImage signed, LabImage other)
    {
        using var registry = new LabRegistry(lab, signed.Repository);
        var index = JsonNode.Parse(await registry.ManifestAsync(signed.ReferrersTag))!;
        var found = index["manifests"]!.AsArray().Single()!;
        var manifest = JsonNode.Parse(await registry.ManifestAsync(found["digest"]!.GetValue<string>()))!;
        manifest["subject"]!["digest"] = other.Digest;
        var bytes = CosignFiles.Bytes(manifest);
        (found["digest"], found["size"]) = (await registry.PutManifestAsync(null, bytes), bytes.Length);
        await registry.PutManifestAsync(other.ReferrersTag, CosignFiles.Bytes(index), LabRegistry.IndexType);
    }
}
