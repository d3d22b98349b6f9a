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
        await Cosign.UseAsync(lab, image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no keyless signature of {image.ByDigest}");
        Assert.False(await keyless.VerifiesAsync(image, format != "simple"));
        await Wait.PastNegativeAnswersAsync();

        await keyless.SignAsync(image, format);

        Assert.True(await keyless.VerifiesAsync(image, format != "simple"));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        (await lab.RunAsync(image.ByDigest)).ShouldSucceed(image.Text);
        var approval = lab.Plugin.Audit().Last(r => r.IsStart);
        Assert.Equal(("approved", image.Digest), (approval.Reason, approval.SignedDigest));
    });

    [Theory]
    [InlineData("simple")]
    [InlineData("rekor2")]
    public Task A_signature_by_another_identity_does_not_count(string format) => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync($"keyless-stranger-{format}");
        await keyless.SignAsync(image, format, new KeylessSigning { Subject = Mallory });
        await Cosign.UseAsync(lab, image.Repository, keyless.Entry());

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"was made by {Mallory} of {SigstoreSimulator.Issuer}, whom the policy does not name");
        Assert.Equal("bad-signature", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
        Assert.False(await keyless.VerifiesAsync(image, format != "simple"));

        await Cosign.UseAsync(lab, image.Repository, keyless.Entry(Mallory));
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        Assert.True(await keyless.VerifiesAsync(image, format != "simple", Mallory));
    });

    [Fact]
    public Task A_signature_of_another_sigstore_does_not_count() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-other-root");
        await new Keyless(lab).SignAsync(image, "rekor1");
        await Cosign.UseAsync(lab, image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("a certificate of no authority that the root file names");
    });

    [Fact]
    public Task Approvals_outlive_a_signature_that_was_removed_and_end_with_the_identity_and_the_root_file() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-removed");
        await keyless.SignAsync(image, "rekor2");
        await Cosign.UseAsync(lab, image.Repository, keyless.Entry());
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;

        await Cosign.RemoveSignaturesAsync(lab, image);
        (await lab.RunAsync(image.Reference)).ShouldBeRefused("no keyless signature");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        await Cosign.UseAsync(lab, image.Repository, keyless.Entry(Mallory));
        (await lab.Engine.PostAsync($"/v1.41/containers/{container}/restart?t=0")).ShouldBeRefused("may not run");
        await Cosign.UseAsync(lab, image.Repository, new Keyless(lab).Entry());
        (await lab.Engine.PostAsync($"/v1.41/containers/{container}/restart?t=0")).ShouldBeRefused("may not run");
        await Cosign.UseAsync(lab, image.Repository, keyless.Entry());
        (await lab.Engine.PostAsync($"/v1.41/containers/{container}/restart?t=0")).ShouldSucceed();
    });

    [Theory]
    [InlineData("any", true, false, true)]
    [InlineData("any", false, true, true)]
    [InlineData("any", false, false, false)]
    [InlineData("all", true, true, true)]
    [InlineData("all", true, false, false)]
    [InlineData("all", false, true, false)]
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
        await Cosign.UseAsync(lab, image.Repository, entry);
        foreach (var result in new[] { await lab.DockerAsync("pull", image.Reference), await lab.RunAsync(image.Reference) })
        {
            _ = runs ? result.ShouldSucceed() : result.ShouldBeRefused();
        }
    });

    [Fact]
    public Task A_signature_that_is_too_old_does_not_count() => lab.TestAsync(async () =>
    {
        var (keyless, image) = await PushedAsync("keyless-age");
        await keyless.SignAsync(image, "rekor1");
        var entry = keyless.Entry();
        entry["keyless"]!["max-signature-age"] = "1h";
        await Cosign.UseAsync(lab, image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("signatures count for 1h only");

        entry = (JsonObject)entry.DeepClone();
        entry["keyless"]!["max-signature-age"] = "87600h";
        await Cosign.UseAsync(lab, image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
    });

    private async Task<(Keyless Keyless, LabImage Image)> PushedAsync(string repository)
    {
        var image = await lab.UnsignedAsync(repository, "1");
        await lab.ForgetAsync(image);
        return (new Keyless(lab), image);
    }
}
