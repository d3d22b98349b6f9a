using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Volumes, containers and links that were there before the plugin, or changed after it looked.</summary>
[Collection(LabFixture.Collection)]
public sealed class HostAccessFromBefore(LabFixture lab)
{
    private const string Volume = "from-before";

    private readonly HostFolders _folders = new(lab);

    private string Signed => $"{lab.Registry}/lab/first:1";

    [Fact]
    public Task A_volume_from_before_is_looked_at_in_every_spelling() => lab.TestAsync(() => WithVolumeAsync(async () =>
    {
        foreach (var (flags, field) in new[]
        {
            ($"-v {Volume}:/x", "HostConfig.Binds: volume from-before, Options"),
            ($"-v {Volume}:/x:ro,nocopy", "HostConfig.Binds: volume from-before, Options"),
            ($"--mount type=volume,source={Volume},target=/x,readonly", "HostConfig.Mounts: volume from-before, Options"),
            ($"--mount source={Volume},target=/x", "HostConfig.Mounts: volume from-before, Options"),
            ("--volumes-from has-volume", "HostConfig.VolumesFrom container has-volume has access to the host: Mounts: volume from-before, Options"),
            ("--volumes-from has-bind:ro", "HostConfig.VolumesFrom container has-bind has access to the host: Mounts"),
            ("--pid container:has-bind", "HostConfig.PidMode container has-bind has access to the host: HostConfig.Binds"),
            ("--ipc container:has-pid", "HostConfig.IpcMode container has-pid has access to the host: HostConfig.PidMode is host"),
        })
        {
            (await lab.DockerAsync(["create", "--network", "none", .. flags.Split(' '), Signed, "true"])).ShouldBeRefused(field);
        }
    }));

    [Fact]
    public Task A_container_from_before_with_access_does_not_start() => lab.TestAsync(() => WithVolumeAsync(async () =>
    {
        foreach (var (name, field) in new[]
        {
            ("has-volume", "HostConfig.Binds: volume from-before, Options"),
            ("has-bind", "HostConfig.Binds"),
            ("has-pid", "HostConfig.PidMode is host"),
            ("has-all", "HostConfig.Privileged is true"),
        })
        {
            (await lab.DockerAsync("start", name)).ShouldBeRefused($"container {name} would give access to the host: {field}");
            Assert.Equal("created", await lab.Engine.StateAsync(name));
        }
    }));

    [Fact]
    public Task A_folder_that_became_a_link_is_found_at_the_start_and_when_files_are_put_in() => lab.TestAsync(async () =>
    {
        var (turned, file) = (_folders.NewFolder(), Path.Combine(_folders.Project, "README"));
        (await lab.DockerAsync("create", "--name", "turned", "--network", "none", "-v", $"{turned}:/mnt", Signed, "true")).ShouldSucceed();
        (await lab.DockerAsync("cp", file, "turned:/mnt/before")).ShouldSucceed();
        Assert.True(File.Exists(Path.Combine(turned, "before")), "docker cp puts files into what is mounted, without a start");

        Directory.Delete(turned, recursive: true);
        File.CreateSymbolicLink(turned, _folders.State);
        (await lab.DockerAsync("start", "turned")).ShouldBeRefused("container turned would give access to the host");
        (await lab.DockerAsync("cp", file, "turned:/mnt/through-a-link")).ShouldBeRefused("container turned would give access to the host: Mounts");
        Assert.False(File.Exists(Path.Combine(_folders.State, "through-a-link")));
    });

    [Fact]
    public Task Files_are_put_into_a_container_with_access_where_the_policy_allows_it() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["host-access-for"] = new JsonArray($"{lab.Registry}/lab/first"));
        (await lab.DockerAsync("create", "--name", "listed", "--network", "none", "-v", _folders.Fill("{data}:/data:ro"), Signed, "true")).ShouldSucceed();
        (await lab.DockerAsync("cp", Path.Combine(_folders.Project, "README"), "listed:/README")).ShouldSucceed();
        await lab.WithPolicyAsync(_ => { });
        (await lab.DockerAsync("cp", Path.Combine(_folders.Project, "README"), "listed:/README")).ShouldBeRefused("access to the host: Mounts");
    });

    // Made, never started: nothing looks into what is mounted.
    private async Task WithVolumeAsync(Func<Task> test)
    {
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        try
        {
            (await lab.DockerAsync("volume", "create", "--opt", "type=none", "--opt", "o=bind,ro", "--opt", _folders.Fill("device={data}"), Volume)).ShouldSucceed();
            foreach (var (name, flags) in new[]
            {
                ("has-volume", $"-v {Volume}:/x:ro,nocopy"), ("has-bind", _folders.Fill("-v {data}:/x:ro")), ("has-pid", "--pid host"), ("has-all", "--privileged"),
            })
            {
                (await lab.DockerAsync(["create", "--name", name, "--network", "none", .. flags.Split(' '), Signed, "true"])).ShouldSucceed();
            }

            await lab.WithPolicyAsync(_ => { });
            await test();
        }
        finally
        {
            foreach (var (id, _) in await lab.Engine.ContainersAsync())
            {
                await lab.Engine.RemoveAsync(id);
            }

            (await lab.DockerAsync("volume", "rm", "--force", Volume)).ShouldSucceed();
        }
    }
}
