using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using AuthzPlugin.Testing.Signatures;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Signatures with certificates against the real engine and registry, and the verdict of the real cosign 3.1 beside ours.</summary>
[Collection(LabFixture.Collection)]
public sealed class KeylessSignatures(LabFixture lab)
{
    private const string Mallory = "https://git.example.com/mallory";

    [Theory]
    [InlineData("simple")]
    [InlineData("rekor1")]
    [InlineData("rekor2")]
    public Task A_signed_image_pulls_runs_and_starts_again(string format) => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync($"keyless-run-{format}");
        await lab.UseEntryAsync(image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no keyless signature of {image.ByDigest}");
        Assert.False(await keyless.VerifiesAsync(image, format != "simple"));
        await Wait.PastNegativeAnswersAsync();

        await keyless.SignAsync(image, format);

        Assert.True(await keyless.VerifiesAsync(image, format != "simple"));
        await lab.ShouldPullRunAndStartAsync(image);
    });

    [Theory]
    [InlineData("simple")]
    [InlineData("rekor2")]
    public Task A_signature_by_another_identity_does_not_count(string format) => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync($"keyless-stranger-{format}");
        await keyless.SignAsync(image, format, new KeylessSigning { Subject = Mallory });
        await lab.UseEntryAsync(image.Repository, keyless.Entry());

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"was made by {Mallory} of {SigstoreSimulator.Issuer}, whom the policy does not name");
        Assert.Equal("bad-signature", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
        Assert.False(await keyless.VerifiesAsync(image, format != "simple"));

        await lab.UseEntryAsync(image.Repository, keyless.Entry(Mallory));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        Assert.True(await keyless.VerifiesAsync(image, format != "simple", Mallory));
    });

    [Fact]
    public Task A_signature_of_another_sigstore_does_not_count() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-other-root");
        await new Keyless(lab).SignAsync(image, "rekor1");
        await lab.UseEntryAsync(image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("a certificate of no authority that the root file names");
    });

    [Fact]
    public Task Approvals_outlive_a_signature_that_was_removed_and_end_with_the_identity_and_the_root_file() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-removed");
        await keyless.SignAsync(image, "rekor2");
        await lab.UseEntryAsync(image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        var container = (await lab.Engine.CreateAsync(lab.Startable(image))).ShouldSucceed().Id;

        await LabRegistry.RemoveSignaturesAsync(lab, image);
        (await lab.RunAsync(image)).ShouldBeRefused("no keyless signature");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        await lab.UseEntryAsync(image.Repository, keyless.Entry(Mallory));
        (await lab.RestartAsync(container)).ShouldBeRefused("may not run");
        await lab.UseEntryAsync(image.Repository, new Keyless(lab).Entry());
        (await lab.RestartAsync(container)).ShouldBeRefused("may not run");
        await lab.UseEntryAsync(image.Repository, keyless.Entry());
        (await lab.RestartAsync(container)).ShouldSucceed();
    });

    [Theory]
    [MemberData(nameof(SignatureFlows.AnyOrAll), MemberType = typeof(SignatureFlows))]
    public Task Any_or_all_with_keys(string rule, bool byKey, bool byCertificate, bool runs) => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync($"keyless-{rule}{(byKey ? "-k" : "")}{(byCertificate ? "-c" : "")}");
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        if (byKey)
        {
            await cosign.SignAsync(image, "2");
        }

        if (byCertificate)
        {
            await keyless.SignAsync(image, "rekor1");
        }

        var entry = Cosign.Entry(cosign);
        (entry["require"], entry["keyless"]) = (rule, keyless.Entry()["keyless"]!.DeepClone());
        await lab.UseEntryAsync(image.Repository, entry);
        await lab.ShouldPullAndRunAsync(image, runs);
    });

    [Fact]
    public Task A_signature_that_is_too_old_does_not_count() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-age");
        await keyless.SignAsync(image, "rekor1");
        var entry = keyless.Entry();
        entry["keyless"]!["max-signature-age"] = "1h";
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("signatures count for 1h only");

        entry = (JsonObject)entry.DeepClone();
        entry["keyless"]!["max-signature-age"] = "87600h";
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
    });

    private async Task<(Keyless Keyless, LabImage Image)> PushedAsync(string repository) => (new Keyless(lab), await lab.PushedAsync(repository));
}
