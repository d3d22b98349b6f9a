using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Creating(LabFixture lab)
{
    [Fact]
    public Task An_unsigned_tag_is_refused_when_its_image_is_here_already() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("creating1", "signed");
        var image = await lab.UnsignedAsync("creating1", "unsigned");

        (await lab.RunAsync(image.Reference)).ShouldBeRefused($"{image.Reference} is not signed");
        Assert.Empty(await lab.Engine.ContainersAsync());
    });

    [Fact]
    public Task An_unsigned_tag_that_is_not_here_is_refused_before_anything_is_pulled() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("creating2", "signed");
        var image = await lab.UnsignedAsync("creating2", "absent");
        await lab.ForgetAsync(image);

        (await lab.RunAsync(image.Reference)).ShouldBeRefused($"{image.Reference} is not signed");
        Assert.DoesNotContain(lab.Plugin.Audit(), r => r.Uri.Contains("/images/create", StringComparison.Ordinal));
    });

    [Fact]
    public Task An_unsigned_image_retagged_onto_a_signed_name_is_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating3", "retagged");
        var other = await lab.LocalAsync("homemade", "1");
        (await lab.DockerAsync("tag", other.Reference, signed.Reference)).ShouldSucceed();

        (await lab.RunAsync(signed.Reference))
            .ShouldBeRefused($"{signed.Reference} cannot be shown to be the signed image", $"; run docker pull {signed.Reference}");

        (await lab.DockerAsync("pull", signed.Reference)).ShouldSucceed();
        (await lab.RunAsync(signed.Reference)).ShouldSucceed(signed.Text);
    });

    [Fact]
    public Task A_pushed_but_unsigned_image_retagged_onto_a_signed_name_is_refused_with_both_digests() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating4", "retagged2");
        var other = await lab.UnsignedAsync("creating4", "pushed");
        (await lab.DockerAsync("tag", other.Reference, signed.Reference)).ShouldSucceed();

        (await lab.RunAsync(signed.Reference)).ShouldBeRefused(signed.Digest, other.Digest);
    });

    [Fact]
    public Task A_signed_digest_runs_and_an_unsigned_digest_is_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating5", "digest");
        var unsigned = await lab.UnsignedAsync("creating5", "digest-unsigned");

        (await lab.RunAsync(signed.ByDigest)).ShouldSucceed(signed.Text);
        (await lab.RunAsync(unsigned.ByDigest)).ShouldBeRefused($"{unsigned.ByDigest} is not signed");
    });

    [Fact]
    public Task A_tag_with_another_digest_than_the_signed_one_is_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating6", "both");
        var unsigned = await lab.UnsignedAsync("creating6", "both-unsigned");

        (await lab.RunAsync($"{signed.Reference}@{signed.Digest}")).ShouldSucceed(signed.Text);
        (await lab.RunAsync($"{signed.Reference}@{unsigned.Digest}")).ShouldBeRefused(signed.Digest, unsigned.Digest);
    });

    [Fact]
    public Task A_full_image_id_is_decided_by_its_content() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating7", "id");
        var unsigned = await lab.UnsignedAsync("creating7", "id-unsigned");
        var local = await lab.LocalAsync("homemade/app", "id");

        (await lab.RunAsync(signed.Id)).ShouldSucceed(signed.Text);
        (await lab.RunAsync(signed.Id["sha256:".Length..])).ShouldSucceed(signed.Text);
        (await lab.RunAsync(unsigned.Id)).ShouldBeRefused(unsigned.Digest);
        (await lab.RunAsync(local.Id)).ShouldBeRefused("cannot be shown to be a signed image");
    });

    [Fact]
    public Task The_12_digit_id_of_docker_images_is_decided_by_its_content() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating8", "short-id");
        var unsigned = await lab.UnsignedAsync("creating8", "short-id-unsigned");

        (await lab.RunAsync(await ShortIdAsync(signed))).ShouldSucceed(signed.Text);
        (await lab.RunAsync(await ShortIdAsync(unsigned))).ShouldBeRefused();
    });

    [Fact]
    public Task A_signed_image_survives_the_loss_of_its_digest_reference() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("creating9", "remembered");
        (await lab.RunAsync(signed.Reference)).ShouldSucceed(signed.Text);
        (await lab.DockerAsync("image", "rm", signed.ByDigest)).ShouldSucceed("Untagged");

        (await lab.RunAsync(signed.Reference)).ShouldSucceed(signed.Text);
    });

    [Fact]
    public Task An_empty_or_malformed_image_is_refused_in_one_line() => lab.TestAsync(async () =>
    {
        foreach (var image in new[] { "", "UPPER/case:1", "a b", "x:y:z", new string('a', 5000) })
        {
            var answer = (await lab.Engine.CreateAsync(image)).ShouldBeRefused();
            Assert.DoesNotContain('\n', answer.Message);
            Assert.True(answer.Message.Length < 2000, answer.Message);
        }
    });

    private async Task<string> ShortIdAsync(LabImage image)
    {
        var listed = (await lab.DockerAsync("images", "--quiet", image.Reference)).ShouldSucceed().Output.Trim();
        Assert.Equal(12, listed.Length);
        return listed;
    }
}
