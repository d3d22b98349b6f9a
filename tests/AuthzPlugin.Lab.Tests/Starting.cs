using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Starting(LabFixture lab)
{
    [Fact]
    public Task A_container_made_from_an_unsigned_image_before_enforcement_does_not_start() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("starting1", "signed");
        var image = await lab.UnsignedAsync("starting1", "before");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        var container = (await lab.Engine.CreateAsync(image.Reference, "made-before")).ShouldSucceed().Id;
        await lab.WithPolicyAsync(_ => { });

        (await lab.DockerAsync("start", "made-before")).ShouldBeRefused("container made-before may not run", image.Digest);
        (await lab.Engine.StartAsync(container)).ShouldBeRefused("may not run");
        Assert.Equal("created", await lab.Engine.StateAsync(container));
    });

    [Fact]
    public Task A_container_made_from_a_signed_image_before_enforcement_starts() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("starting2", "signed-before");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        await lab.WithPolicyAsync(_ => { });

        (await lab.Engine.StartAsync(container)).ShouldSucceed();
        Assert.Equal("signed", lab.Plugin.Audit().ShouldHaveOne("the start", r => r.IsStart && r.Phase == "request").Reason);
    });

    [Fact]
    public Task A_running_container_made_from_an_unsigned_image_before_enforcement_does_not_restart_or_unpause() => lab.TestAsync(async () =>
    {
        await lab.SignedAsync("starting3", "signed");
        var image = await lab.UnsignedAsync("starting3", "running");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        var container = (await lab.Engine.CreateAsync(image.Reference)).ShouldSucceed().Id;
        (await lab.Engine.StartAsync(container)).ShouldSucceed();
        await lab.WithPolicyAsync(_ => { });

        (await lab.DockerAsync("restart", "--time", "0", container)).ShouldBeRefused("may not run");
        (await lab.DockerAsync("pause", container)).ShouldSucceed();
        (await lab.DockerAsync("unpause", container)).ShouldBeRefused("may not run");
        Assert.Equal("paused", await lab.Engine.StateAsync(container));
    });

    [Fact]
    public Task A_container_of_a_signed_image_stops_starts_restarts_pauses_and_unpauses() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("starting4", "life");
        (await lab.DockerAsync("create", "--name", "life", "--network", "none", image.Reference, "sleep", "600")).ShouldSucceed();

        foreach (var verb in new[] { "start life", "pause life", "unpause life", "restart --time 0 life", "stop --time 0 life", "start life" })
        {
            (await lab.DockerAsync(verb.Split(' '))).ShouldSucceed();
        }

        (await lab.DockerAsync("exec", "life", "echo", "inside")).ShouldSucceed("inside");
        (await lab.DockerAsync("rm", "--force", "life")).ShouldSucceed();
    });

    [Fact]
    public Task A_container_starts_by_name_by_id_and_by_the_beginning_of_its_id() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync("starting5", "names");
        var container = (await lab.Engine.CreateAsync(image.Reference, "by-name")).ShouldSucceed().Id;

        foreach (var text in new[] { "by-name", container, container[..12] })
        {
            (await lab.Engine.StartAsync(text)).ShouldSucceed();
            (await lab.DockerAsync("kill", container)).ShouldSucceed();
        }
    });

    [Fact]
    public Task A_container_that_is_not_there_is_refused_with_the_way_to_find_it() => lab.TestAsync(async () =>
        (await lab.DockerAsync("start", "nobody")).ShouldBeRefused("no such container: nobody", "; list containers with docker ps -a"));
}
