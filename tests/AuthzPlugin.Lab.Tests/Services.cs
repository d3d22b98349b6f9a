using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Swarms and services, on a swarm of one node.</summary>
[Collection(LabFixture.Collection)]
public sealed class Services(LabFixture lab)
{
    private readonly HostFolders _folders = new(lab);

    public static TheoryData<string, string, string> HostAccess => new()
    {
        { "a mount of the data root", "--mount type=bind,source={data},target=/x,readonly", "ContainerSpec.Mounts {data} reaches" },
        { "a mount of the root", "--mount type=bind,source=/,target=/x,readonly", "ContainerSpec.Mounts / reaches" },
        { "a link that only the engine takes", "--mount type=bind,source={host}/aside/../to-data,target=/x,readonly", "ContainerSpec.Mounts {host}/aside/../to-data reaches" },
        { "a bind-like volume", "--mount type=volume,source=v,target=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc", "ContainerSpec.Mounts.VolumeOptions.DriverConfig.Options /etc reaches" },
        { "a template that becomes a link", "--mount type=bind,source={host}/to{{/**/}}-data,target=/x,readonly", "ContainerSpec.Mounts {host}/to{{/**/}}-data has a template" },
        { "a template in a bind-like volume", "--mount type=volume,source=v,target=/x,volume-opt=type=none,volume-opt=o=bind,volume-opt=device={host}/to{{/**/}}-data", "ContainerSpec.Mounts.VolumeOptions.DriverConfig.Options have a template" },
        { "a capability", "--cap-add SYS_ADMIN", "ContainerSpec.CapabilityAdd asks for" },
    };

    [Fact]
    public Task A_swarm_is_refused_until_the_policy_allows_it() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("swarm", "init", "--advertise-addr", "127.0.0.1")).ShouldBeRefused("changing a swarm is refused here");
        await lab.WithSwarmAsync(async () =>
        {
            (await lab.DockerAsync("swarm", "join-token", "-q", "worker")).ShouldSucceed("SWMTKN-");
            await lab.WithPolicyAsync(_ => { });
            (await lab.DockerAsync("swarm", "join-token", "-q", "worker")).ShouldBeRefused("join tokens");
        });
    });

    [Fact]
    public Task A_service_runs_by_a_signed_digest_only_and_is_updated_and_rolled_back_to_such() => lab.TestAsync(() => lab.WithSwarmAsync(async () =>
    {
        var first = await lab.SignedAsync("service", "1");
        var second = await lab.SignedAsync("service", "2");
        var unsigned = await lab.UnsignedAsync("service", "3");

        (await lab.ServiceAsync("web", first.Reference)).ShouldBeRefused($"{first.Reference} has no digest, and service images must be pinned by digest");
        (await lab.ServiceAsync("web", unsigned.ByDigest)).ShouldBeRefused($"{unsigned.ByDigest} is not signed");
        (await lab.ServiceAsync("web", first.ByDigest, "--env A=b", "sleep", "600")).ShouldSucceed();
        await lab.RunsAsync("web", first);

        (await lab.UpdateAsync("web", "--env-add C=d")).ShouldSucceed();
        (await lab.UpdateAsync("web", $"--image {unsigned.ByDigest}")).ShouldBeRefused($"{unsigned.ByDigest} is not signed");
        (await lab.UpdateAsync("web", $"--image {second.Reference}")).ShouldBeRefused("has no digest");
        (await lab.UpdateAsync("web", $"--image {second.ByDigest} --update-failure-action rollback")).ShouldSucceed();
        await lab.RunsAsync("web", second);
        (await lab.DockerAsync("service", "rollback", "--detach", "web")).ShouldSucceed();
        await lab.RunsAsync("web", first);
    }));

    [Fact]
    public Task The_image_that_the_command_line_looks_up_for_a_tag_is_decided_by_its_digest() => lab.TestAsync(() => lab.WithSwarmAsync(async () =>
    {
        var signed = await lab.SignedAsync("service-tag", "1");
        var unsigned = await lab.UnsignedAsync("service-tag", "2");

        (await lab.DockerAsync("service", "create", "--detach", "--network", "host", "--name", "looked-up", signed.Reference, "sleep", "600")).ShouldSucceed();
        await lab.RunsAsync("looked-up", signed);
        (await lab.DockerAsync("service", "create", "--detach", "--network", "host", unsigned.Reference)).ShouldBeRefused("is not signed");
    }));

    [Fact]
    public Task An_unsigned_specification_from_before_is_no_way_back() => lab.TestAsync(() => lab.WithSwarmAsync(async () =>
    {
        var signed = await lab.SignedAsync("service-before", "1");
        var unsigned = await lab.UnsignedAsync("service-before", "2");
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        (await lab.ServiceAsync("old", unsigned.ByDigest, "--replicas 0")).ShouldSucceed();
        await lab.AllowSwarmAsync();

        (await lab.UpdateAsync("old", "--env-add A=b")).ShouldBeRefused($"{unsigned.ByDigest} is not signed");
        (await lab.UpdateAsync("old", $"--image {signed.ByDigest} --update-failure-action rollback"))
            .ShouldBeRefused("service", "would fall back to what it runs now when the update fails", $"{unsigned.ByDigest} is not signed");
        (await lab.UpdateAsync("old", $"--image {signed.ByDigest}")).ShouldSucceed();
        (await lab.DockerAsync("service", "rollback", "--detach", "old")).ShouldBeRefused($"{unsigned.ByDigest} is not signed");
        Assert.Empty(await lab.Engine.ContainersAsync());
    }));

    [Fact]
    public Task Host_access_of_services_is_refused_and_lifted_like_that_of_containers() => lab.TestAsync(() => lab.WithSwarmAsync(async () =>
    {
        var image = await lab.SignedAsync("service-host", "1");
        foreach (var row in HostAccess)
        {
            var (flags, expected) = (_folders.Fill((string)row[1]), _folders.Fill((string)row[2]));
            (await lab.ServiceAsync("host", image.ByDigest, "--replicas 0 " + flags)).ShouldBeRefused($"{image.ByDigest} would give access to the host: {expected}");
        }

        (await lab.ServiceAsync("honest", image.ByDigest, $"--mount type=bind,source={_folders.Project},target=/p,readonly --mount type=volume,source=data-{{{{.Task.Slot}}}},target=/d --mount type=tmpfs,target=/t", "sleep", "600"))
            .ShouldSucceed();
        await lab.RunsAsync("honest", image);
        await lab.AllowSwarmAsync(p => p["host-access-for"] = new System.Text.Json.Nodes.JsonArray(image.Repository));
        (await lab.ServiceAsync("infra", image.ByDigest, _folders.Fill("--replicas 0 --mount type=bind,source={data},target=/x,readonly"))).ShouldSucceed();
    }));
}
