using System.Text.RegularExpressions;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed partial class Pulling(LabFixture lab)
{
    [Fact]
    public Task A_signed_tag_pulls_and_runs() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("pulling1", "signed");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);

        var pull = lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Uri.Contains("/images/create", StringComparison.Ordinal));
        Assert.Equal(("allow", "trusted", "signed"), (pull.Answer, pull.Outcome, pull.Reason));
        Assert.Equal((image.Digest, image.Digest), (pull.SignedDigest, pull.LocalDigest));
        var approval = lab.Plugin.Audit().ShouldHaveOne("the created container", r => r.IsCreate && r.Phase == "response");
        Assert.Contains("created=passed", approval.Checks);
        var start = lab.Plugin.Audit().ShouldHaveOne("the start", r => r.IsStart);
        Assert.Equal(("approved", approval.ContainerId), (start.Reason, start.ContainerId));
    });

    [Fact]
    public Task A_signed_image_that_is_not_here_is_pulled_and_run_by_docker_run() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("pulling2", "missing");
        await lab.ForgetAsync(image);

        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text, "Status: Downloaded newer image");
    });

    [Fact]
    public Task An_unsigned_tag_is_not_pulled() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("pulling3", "signed");
        var image = await lab.UnsignedAsync("pulling3", "unsigned");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.Reference))
            .ShouldBeRefused($"{image.Reference} is not signed: its trust data has no tag unsigned", $"; sign it with docker trust sign {image.Reference}");
        (await lab.DockerAsync("image", "inspect", image.Reference)).ShouldSay("No such image");
    });

    [Fact]
    public Task A_repository_without_trust_data_is_not_pulled() => lab.TestAsync(async () =>
    {
        var image = await lab.UnsignedAsync("never-signed", "1");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused(image.Reference, "docker trust sign");
        Assert.Equal("no-trust-data", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
    });

    [Fact]
    public Task A_tag_moved_in_the_registry_after_signing_is_not_pulled_and_the_message_holds_both_digests() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("pulling5", "moved");
        var moved = await lab.UnsignedAsync("pulling5", "moved");
        await lab.ForgetAsync(signed, moved);

        (await lab.DockerAsync("pull", signed.Reference)).ShouldBeRefused(signed.Reference, signed.Digest, moved.Digest);
        Assert.Equal("tag-moved", lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny").Reason);
    });

    [Fact]
    public Task The_commands_in_the_hint_of_a_moved_tag_work() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("pulling6", "hinted");
        var moved = await lab.UnsignedAsync("pulling6", "hinted");
        await lab.ForgetAsync(signed, moved);

        var refusal = (await lab.DockerAsync("pull", signed.Reference)).ShouldBeRefused("run docker pull");
        var hint = TwoCommands().Match(refusal.Text);
        Assert.True(hint.Success, $"there should be two commands in: {refusal.Text}");
        (await lab.DockerAsync("pull", hint.Groups[1].Value)).ShouldSucceed();
        (await lab.DockerAsync("tag", hint.Groups[2].Value, hint.Groups[3].Value)).ShouldSucceed();

        (await lab.RunAsync(signed.Reference)).ShouldSucceed(signed.Text);
    });

    [Fact]
    public Task A_signed_digest_pulls_and_runs() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("pulling7", "by-digest");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.ByDigest)).ShouldSucceed(image.Digest);
        (await lab.RunAsync(image.ByDigest)).ShouldSucceed(image.Text);
        Assert.All(lab.Plugin.Audit().Where(r => r.Phase == "request"), r => Assert.Equal("by-digest", r.Tag));
    });

    [Fact]
    public Task An_unsigned_digest_is_not_pulled() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("pulling8", "signed");
        var image = await lab.UnsignedAsync("pulling8", "unsigned-digest");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.ByDigest)).ShouldBeRefused($"{image.ByDigest} is not signed");
    });

    [Fact]
    public Task All_tags_at_once_are_not_pulled() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("pulling9", "signed");

        (await lab.DockerAsync("pull", "--all-tags", image.Repository)).ShouldBeRefused(image.Repository);
    });

    [GeneratedRegex(@"run docker pull (\S+) && docker tag (\S+) ([^\s,]+),")]
    private static partial Regex TwoCommands();
}
