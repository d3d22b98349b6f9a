using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Delegations(LabFixture lab)
{
    [Fact]
    public Task A_tag_signed_by_a_signer_of_docker_trust_signer_add_runs() => lab.TestAsync(async () =>
    {
        await lab.LabAsync("signer-add", $"{lab.Registry}/lab/released", "bob");
        var image = await lab.SignedAsync("released", "1", signer: "bob");
        await lab.ForgetAsync(image);

        (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        var create = lab.Plugin.Audit().ShouldHaveOne("the approved container", r => r.IsCreate && r.Phase == "response");
        Assert.Equal("targets/releases", create.Role);
    });

    [Fact]
    public Task A_tag_signed_only_in_another_role_is_refused() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("tested", "1");
        var image = await lab.UnsignedAsync("tested", "qa");
        Assert.Equal(image.Digest, await lab.LabAsync("sign-into", image.Repository, "qa", "targets/qa"));

        (await lab.RunAsync(image.Reference)).ShouldBeRefused($"{image.Reference} is not signed for use", "only in targets/qa");
        await lab.ForgetAsync(image);
        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused($"{image.Reference} is not signed for use", "only in targets/qa");
    });

    [Fact]
    public Task A_revoked_tag_ends_what_it_allowed_as_soon_as_newer_trust_data_is_known() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        await lab.SignedAsync("revoked", "stays");
        var image = await lab.SignedAsync("revoked", "goes");
        var container = (await lab.Engine.CreateAsync(image.Reference, "approved")).ShouldSucceed().Id;
        (await lab.Engine.StartAsync(container)).ShouldSucceed();

        await lab.LabAsync("revoke", image.Reference);

        // Nothing newer is known yet, and an approval asks nobody.
        (await lab.DockerAsync("restart", "--time", "0", "approved")).ShouldSucceed();
        (await lab.RunAsync(image.Reference)).ShouldBeRefused($"{image.Reference} is not signed: its trust data has no tag goes");
        // That refusal brought the news.
        (await lab.DockerAsync("kill", "approved")).ShouldSucceed();
        (await lab.DockerAsync("start", "approved")).ShouldBeRefused("container approved may not run", image.Digest);

        Assert.Equal("exited", await lab.Engine.StateAsync(container));
        var refused = lab.Plugin.Audit().ShouldHaveOne("the refused start", r => r.IsStart && r.Answer == "deny");
        Assert.Contains("approval=failed", refused.Checks);
        Assert.Contains("withdrew", refused.ToString(), StringComparison.Ordinal);
    });

    [Fact]
    public Task A_container_of_yesterdays_release_restarts_when_its_tag_has_moved_on() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["freshness"] = "0s");
        var old = await lab.SignedAsync("moved-on", "latest");
        var container = (await lab.Engine.CreateAsync(old.Reference, "yesterday")).ShouldSucceed().Id;

        var present = await lab.SignedAsync("moved-on", "latest");
        (await lab.RunAsync(present.Reference)).ShouldSucceed(present.Text);

        (await lab.DockerAsync("start", "yesterday")).ShouldSucceed();
        Assert.Equal("running", await lab.Engine.StateAsync(container));
    });
}
