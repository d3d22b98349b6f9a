using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Real cosign, old and new, against the real engine and registry; where it matters, cosign's own verdict beside ours.</summary>
[Collection(LabFixture.Collection)]
public sealed class Signatures(LabFixture lab, ITestOutputHelper output)
{
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public Task A_signed_image_pulls_runs_and_starts_again(string version) => lab.TestAsync(async () =>
    {
        var (cosign, image) = await PushedAsync($"cosign-run{version}");
        await lab.UseEntryAsync(image.Repository, Cosign.Entry(cosign));
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"no cosign signature of {image.ByDigest}");
        Assert.False(await cosign.VerifiesAsync(image, version));
        await Wait.PastNegativeAnswersAsync();

        await cosign.SignAsync(image, version);

        Assert.True(await cosign.VerifiesAsync(image, version));
        await lab.ShouldPullRunAndStartAsync(image);
    });

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public Task A_signature_by_another_key_does_not_count(string version) => lab.TestAsync(async () =>
    {
        var (stranger, image) = await PushedAsync($"cosign-stranger{version}", key: "stranger");
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        await stranger.SignAsync(image, version);
        await lab.UseEntryAsync(image.Repository, Cosign.Entry(cosign));

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("not signed by enough of those", "made by none of the keys");
        Assert.Equal("bad-signature", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
        Assert.False(await cosign.VerifiesAsync(image, version));
    });

    [Fact]
    public Task A_signature_of_another_digest_does_not_count() => lab.TestAsync(async () =>
    {
        var (cosign, signed) = await PushedAsync("cosign-digest");
        await cosign.SignAsync(signed, "2");
        var other = await lab.UnsignedAsync("cosign-digest", "2");
        using var registry = new LabRegistry(lab, signed.Repository);
        await registry.PutManifestAsync(other.SignatureTag, await registry.ManifestAsync(signed.SignatureTag));
        await lab.ForgetAsync(other);
        await lab.UseEntryAsync(other.Repository, Cosign.Entry(cosign));

        (await lab.DockerAsync("pull", other.Reference)).ShouldBeRefused($"is over {signed.Digest}");
        Assert.False(await cosign.VerifiesAsync(other, "2"));
    });

    [Fact]
    public Task A_threshold_wants_different_keys_in_either_format() => lab.TestAsync(async () =>
    {
        var (first, image) = await PushedAsync("cosign-threshold");
        var second = await Cosign.WithKeyAsync(lab, "team-b");
        var entry = Cosign.Entry(first, second);
        entry["cosign"]!["threshold"] = 2;
        await first.SignAsync(image, "2");
        await first.SignAsync(image, "3");
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("(1 of 2;");
        await Wait.PastNegativeAnswersAsync();

        await second.SignAsync(image, "3");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);
    });

    [Fact]
    public Task Annotations_are_demanded() => lab.TestAsync(async () =>
    {
        var (cosign, image) = await PushedAsync("cosign-annotations");
        var entry = Cosign.Entry(cosign);
        entry["cosign"]!["annotations"] = new JsonObject { ["env"] = "prod" };
        await cosign.SignAsync(image, "2", "env=test");
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused("env=test instead of prod");
        await Wait.PastNegativeAnswersAsync();

        await cosign.SignAsync(image, "3", "env=prod");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
    });

    [Fact]
    public Task A_tag_that_was_moved_to_an_unsigned_image_is_not_pulled_and_the_signed_one_still_runs() => lab.TestAsync(async () =>
    {
        var (cosign, signed) = await PushedAsync("cosign-moved");
        await cosign.SignAsync(signed, "2");
        await lab.UseEntryAsync(signed.Repository, Cosign.Entry(cosign));
        (await lab.DockerAsync("pull", signed.Reference)).ShouldSucceed();
        (await lab.RunAsync(signed)).ShouldSucceed(signed.Text);

        var moved = await lab.UnsignedAsync("cosign-moved", "1");
        (await lab.RunAsync(moved)).ShouldBeRefused("no cosign signature");
        (await lab.DockerAsync("pull", moved.Reference)).ShouldBeRefused($"no cosign signature of {moved.ByDigest}");
        (await lab.DockerAsync("pull", signed.ByDigest)).ShouldSucceed();
        (await lab.RunAsync(signed.ByDigest)).ShouldSucceed(signed.Text);
    });

    [Fact]
    public Task A_signature_that_was_removed_counts_no_more_once_it_is_not_remembered_and_approvals_stay() => lab.TestAsync(async () =>
    {
        var (cosign, image) = await PushedAsync("cosign-removed");
        await cosign.SignAsync(image, "2");
        await lab.UseEntryAsync(image.Repository, Cosign.Entry(cosign), cache: "1h");
        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed();
        var container = (await lab.Engine.CreateAsync(lab.Startable(image))).ShouldSucceed().Id;

        await LabRegistry.RemoveSignaturesAsync(lab, image);
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);

        await lab.UseEntryAsync(image.Repository, Cosign.Entry(cosign));
        (await lab.RunAsync(image)).ShouldBeRefused("no cosign signature");
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        var other = await Cosign.WithKeyAsync(lab, "team-b");
        await lab.UseEntryAsync(image.Repository, Cosign.Entry(other));
        (await lab.RestartAsync(container)).ShouldBeRefused("may not run");
    });

    [Theory]
    [MemberData(nameof(SignatureFlows.AnyOrAll), MemberType = typeof(SignatureFlows))]
    public Task Any_or_all_with_notary(string rule, bool notary, bool cosigned, bool runs) => lab.TestAsync(async () =>
    {
        var name = $"cosign-{rule}{(notary ? "-n" : "")}{(cosigned ? "-c" : "")}";
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        await lab.SignedAsync(name, "other");
        var image = notary ? await lab.SignedAsync(name, "1") : await lab.UnsignedAsync(name, "1");
        if (cosigned)
        {
            await cosign.SignAsync(image, "3");
        }

        var entry = Cosign.Entry(cosign);
        (entry["require"], entry["notary-v1"]) = (rule, true);
        await lab.UseEntryAsync(image.Repository, entry);
        await lab.ShouldPullAndRunAsync(image, runs);
    });

    [Fact]
    public Task After_its_last_day_a_kind_counts_no_more() => lab.TestAsync(async () =>
    {
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        var image = await lab.SignedAsync("cosign-ends", "1");
        var entry = Cosign.Entry(cosign);
        entry["notary-v1"] = true;
        entry["accept-until"] = new JsonObject { ["notary-v1"] = "2099-12-31" };
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);

        entry = (JsonObject)entry.DeepClone();
        entry["accept-until"] = new JsonObject { ["notary-v1"] = "2020-12-31" };
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.RunAsync(image)).ShouldBeRefused("no cosign signature");

        entry = (JsonObject)entry.DeepClone();
        entry.Remove("cosign");
        await lab.UseEntryAsync(image.Repository, entry);
        (await lab.RunAsync(image)).ShouldBeRefused("accept-until has ended notary-v1");
        Assert.Equal("no-longer-accepted", lab.Plugin.Audit().Last(r => r.Answer == "deny").Reason);
    });

    /// <summary>With the classic store a loaded copy shows nothing of where it came from; with containerd's its id does.</summary>
    [Theory]
    [InlineData("notary")]
    [InlineData("cosign")]
    public Task A_copy_that_was_saved_and_loaded_by_somebody_else_runs(string kind) => lab.TestAsync(async () =>
    {
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        var name = $"cosign-copy-{kind}";
        var image = kind == "notary" ? await lab.SignedAsync(name, "1") : await lab.UnsignedAsync(name, "1");
        var archive = Path.Combine(lab.Root, name + ".tar");
        (await lab.DockerAsync("save", "--output", archive, image.Reference)).ShouldSucceed();
        await lab.ForgetAsync(image);
        if (kind == "cosign")
        {
            await cosign.SignAsync(image, "2");
            await lab.UseEntryAsync(image.Repository, Cosign.Entry(cosign));
        }

        (await lab.DockerAsync("load", "--input", archive)).ShouldSucceed();
        (await lab.RunAsync(image)).ShouldSucceed(image.Text);

        var forged = await lab.LocalAsync(name, "1");
        (await lab.RunAsync(forged.Reference)).ShouldBeRefused(image.Repository);
    });

    [Fact]
    public Task How_long_decisions_take_beside_those_of_notary() => lab.TestAsync(async () =>
    {
        var cosign = await Cosign.WithKeyAsync(lab, "team-a");
        var byNotary = await lab.SignedAsync("cosign-times-notary", "1");
        var (old, bundle) = (await lab.UnsignedAsync("cosign-times-old", "1"), await lab.UnsignedAsync("cosign-times-new", "1"));
        await cosign.SignAsync(old, "2");
        await cosign.SignAsync(bundle, "3");
        var keyless = new Keyless(lab);
        var (first, second) = (await lab.UnsignedAsync("keyless-times-1", "1"), await lab.UnsignedAsync("keyless-times-2", "1"));
        await keyless.SignAsync(first, "rekor1");
        await keyless.SignAsync(second, "rekor2");
        await lab.WithPolicyAsync(p => p["signature-policies"] = new JsonObject
        {
            [old.Repository] = Cosign.Entry(cosign),
            [bundle.Repository] = Cosign.Entry(cosign),
            [first.Repository] = keyless.Entry(),
            [second.Repository] = keyless.Entry(),
        });
        await lab.CompareTimesAsync(
            output, byNotary, ("cosign, simple signing", old), ("cosign, bundle", bundle), ("keyless, Rekor 1", first), ("keyless, Rekor 2", second));
    });

    private async Task<(Cosign Cosign, LabImage Image)> PushedAsync(string repository, string key = "team-a") =>
        (await Cosign.WithKeyAsync(lab, key), await lab.PushedAsync(repository));
}
