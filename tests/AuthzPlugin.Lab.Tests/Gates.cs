using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What the policy opens and closes as a whole: builds, imports, changes of containers, managed plugins.</summary>
[Collection(LabFixture.Collection)]
public sealed class Gates(LabFixture lab)
{
    private readonly HostFolders _folders = new(lab);

    [Fact]
    public Task Builds_are_refused_or_allowed_and_what_is_built_does_not_run() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("building", "1");
        var context = _folders.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), $"FROM {signed.Reference}\nRUN true\nCOPY Dockerfile /\n");
        string[] build = ["build", "--network", "none", "--tag", $"{signed.Repository}:built", context];

        (await ClassicAsync(build)).ShouldBeRefused("builds are refused here");
        await lab.WithPolicyAsync(p => p["builds"] = "allow");
        (await ClassicAsync(build)).ShouldSucceed("Successfully tagged");
        (await lab.RunAsync($"{signed.Repository}:built")).ShouldBeRefused($"{signed.Repository}:built is not signed");
    });

    [Fact]
    public Task Imports_are_allowed_or_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("importing", "1");
        var archive = Path.Combine(_folders.NewFolder(), "image.tar");
        (await lab.DockerAsync("save", "--output", archive, signed.Reference)).ShouldSucceed();
        (await lab.DockerAsync("create", "--name", "committed", "--network", "none", signed.Reference)).ShouldSucceed();
        string[][] imports = [["load", "--input", archive], ["import", archive, "homemade/imported:1"], ["commit", "committed", "homemade/committed:1"]];

        foreach (var import in imports)
        {
            (await lab.DockerAsync(import)).ShouldSucceed();
        }

        await lab.WithPolicyAsync(p => p["imports"] = "refuse");
        foreach (var import in imports)
        {
            (await lab.DockerAsync(import)).ShouldBeRefused("loading, importing and committing images is refused here");
        }
    });

    [Fact]
    public Task Files_are_put_into_containers_that_ran_and_into_others_only_where_that_is_not_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("changing", "1");
        var file = Path.Combine(_folders.Project, "README");
        (await lab.DockerAsync("create", "--name", "never-ran", "--network", "none", signed.Reference)).ShouldSucceed();
        (await lab.DockerAsync("run", "--detach", "--name", "ran", "--network", "none", signed.Reference, "sleep", "600")).ShouldSucceed();
        var id = (await lab.DockerAsync("inspect", "--format", "{{.Id}}", "never-ran")).Output.Trim();
        (await lab.DockerAsync("cp", file, "never-ran:/README")).ShouldSucceed();

        await lab.WithPolicyAsync(p => p["container-changes"] = "refuse");
        foreach (var container in new[] { "never-ran", id, id[..12] })
        {
            (await lab.DockerAsync("cp", file, $"{container}:/README")).ShouldBeRefused($"files would be put into container {container}, which never ran");
        }

        (await lab.DockerAsync("cp", file, "ran:/README")).ShouldSucceed();
        (await lab.DockerAsync("exec", "ran", "cat", "/README")).ShouldSucceed("honest");
        (await lab.DockerAsync("cp", "never-ran:/README", _folders.NewFolder())).ShouldSucceed();
    });

    [Fact]
    public Task Managed_plugins_are_refused_and_this_one_is_protected_even_where_they_are_allowed() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("plugin", "install", "--grant-all-permissions", $"{lab.Registry}/lab/plugin:1")).ShouldBeRefused("managed plugins is refused here");
        await lab.WithPolicyAsync(p => p["plugins"] = "allow");

        (await lab.Engine.PostAsync($"/v1.41/plugins/pull?remote={lab.Registry}/lab/plugin:1&name=other", new System.Text.Json.Nodes.JsonArray())).ShouldBeRefused("digest");
        foreach (var name in new[] { "content-trust", "content-trust:latest", "docker.io/library/content-trust" })
        {
            (await lab.Engine.PostAsync($"/v1.41/plugins/{name}/disable?force=1")).ShouldBeRefused("has this plugin's name");
            (await lab.Engine.DeleteAsync($"/v1.41/plugins/{name}?force=1")).ShouldBeRefused("has this plugin's name");
        }
    });

    // The builder that every engine has; newer command lines want to be told.
    private Task<CommandResult> ClassicAsync(string[] build) => Command.RunAsync(lab.Env["LAB_DOCKER"], build, new Dictionary<string, string>
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = lab.Root,
        ["DOCKER_HOST"] = lab.Env["DOCKER_HOST"],
        ["DOCKER_CONFIG"] = lab.Env["DOCKER_CONFIG"],
        ["DOCKER_BUILDKIT"] = "0",
    });
}
