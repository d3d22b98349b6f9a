using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What reaches nothing of the host runs on the real engine, and what the policy allows does.</summary>
[Collection(LabFixture.Collection)]
public sealed class HostAccessAllowed(LabFixture lab)
{
    private readonly HostFolders _folders = new(lab);

    private string Signed => $"{lab.Registry}/lab/first:1";

    public static TheoryData<string, string> Honest => new()
    {
        { "nothing special", "--hostname me --env A=b --label Aa=1 --label aA=2" },
        { "a project folder, read-only", "-v {project}:/p:ro" },
        { "a project folder", "-v {project}:/p" },
        { "a project folder as a mount", "--mount type=bind,source={project},target=/p,readonly" },
        { "a project folder with propagation", "--mount type=bind,source={project},target=/p,readonly,bind-propagation=rprivate" },
        { "a project folder through a link", "-v {host}/aside:/p:ro" },
        { "a file", "-v {project}/README:/README:ro" },
        { "an ordinary folder of the machine", "-v /srv:/srv:ro" },
        { "ordinary files of the machine", "-v /etc/hosts:/h:ro -v /etc/passwd:/p:ro" },
        { "a named volume", "-v honest-volume:/d" },
        { "a named volume as a mount", "--mount type=volume,source=honest-volume,target=/d,volume-label=a=b" },
        { "an anonymous volume", "-v /d" },
        { "memory", "--tmpfs /t:size=1m --mount type=tmpfs,target=/u,tmpfs-size=1m --shm-size 2m" },
        { "a volume of memory", "--mount type=volume,source=honest-tmpfs,target=/d,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=1m" },
        { "a volume of a project folder", "--mount type=volume,source=honest-bind,target=/d,readonly,volume-opt=type=none,volume-opt=o=bind,volume-opt=device={project}" },
        { "fewer capabilities", "--cap-drop ALL" },
        { "a capability of the default set", "--cap-drop ALL --cap-add NET_BIND_SERVICE" },
        { "harmless capabilities", "--cap-add SYS_PTRACE --cap-add cap_net_admin" },
        { "no new privileges", "--security-opt no-new-privileges" },
        { "a seccomp profile", "--security-opt seccomp={host}/seccomp.json" },
        { "read-only, as a user", "--read-only --user 1000:1000" },
        { "the host's network", "--network host" },
        { "the host's name", "--uts host" },
        { "limits", "--ulimit nofile=100:100 --memory 64m --cpu-shares 512 --pids-limit 50" },
        { "a sysctl", "--sysctl net.ipv4.ip_unprivileged_port_start=0" },
        { "namespaces apart", "--ipc shareable --cgroupns private" },
        { "the default runtime by its name", "--runtime runc" },
        { "no log", "--log-driver none" },
    };

    [Theory]
    [MemberData(nameof(Honest))]
    public Task Honest_flags_run(string row, string flags) => lab.TestAsync(async () =>
    {
        var network = flags.Contains("--network", StringComparison.Ordinal) ? "" : "--network none ";
        try
        {
            (await lab.DockerAsync(["run", "--rm", .. _folders.Fill(network + flags).Split(' '), Signed, "echo", row])).ShouldSucceed(row);
        }
        finally
        {
            await lab.DockerAsync("volume", "rm", "--force", "honest-volume", "honest-tmpfs", "honest-bind");
        }
    });

    [Fact]
    public Task Honest_volumes_are_made() => lab.TestAsync(async () =>
    {
        foreach (var options in new[]
        {
            "--label Aa=1 --label aA=2",
            "--opt type=tmpfs --opt device=tmpfs --opt o=size=1m,uid=1000",
            "--opt type=nfs --opt o=addr=127.0.0.1,rw --opt device=:/export",
            $"--opt type=none --opt o=bind --opt device={_folders.Project}",
        })
        {
            (await lab.DockerAsync(["volume", "create", .. options.Split(' '), "honest-made"])).ShouldSucceed("honest-made");
            (await lab.DockerAsync("volume", "rm", "honest-made")).ShouldSucceed();
        }
    });

    [Fact]
    public Task Containers_share_volumes_and_namespaces_of_honest_ones() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("run", "-d", "--name", "sharing", "--network", "none", "--ipc", "shareable", "-v", "/shared", "-v", $"{_folders.Project}:/p:ro", Signed, "sleep", "600"))
            .ShouldSucceed();

        foreach (var flags in new[] { "--volumes-from sharing", "--volumes-from sharing:ro", "--pid container:sharing", "--ipc container:sharing", "--network container:sharing" })
        {
            string[] network = flags.StartsWith("--network", StringComparison.Ordinal) ? [] : ["--network", "none"];
            (await lab.DockerAsync(["run", "--rm", .. network, .. flags.Split(' '), Signed, "echo", "shared"])).ShouldSucceed("shared");
        }
    });

    [Fact]
    public Task An_exec_is_privileged_only_where_the_policy_says_so() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("run", "-d", "--name", "execs", "--network", "none", Signed, "sleep", "600")).ShouldSucceed();

        (await lab.DockerAsync("exec", "--user", "1000", "--env", "A=b", "execs", "echo", "inside")).ShouldSucceed("inside");
        (await lab.DockerAsync("exec", "--privileged", "execs", "true"))
            .ShouldBeRefused("container execs would give access to the host: Privileged is true; leave it out, or name ");
        await lab.WithPolicyAsync(p => p["host-access-for"] = new JsonArray($"{lab.Registry}/lab/first"));
        (await ExecAsync("execs")).ShouldSucceed();
    });

    [Fact]
    public Task An_update_of_limits_passes_and_one_with_devices_does_not() => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync("run", "-d", "--name", "updates", "--network", "none", Signed, "sleep", "600")).ShouldSucceed();

        (await lab.DockerAsync("update", "--cpu-shares", "512", "updates")).ShouldSucceed();
        (await lab.DockerAsync("update", "--restart", "on-failure", "updates")).ShouldSucceed();
        foreach (var (field, value) in new[] { ("Devices", """[{"PathOnHost":"/dev/null"}]"""), ("DeviceCgroupRules", """["c 1:3 rwm"]""") })
        {
            var body = new JsonObject { [field] = JsonNode.Parse(value) };
            (await lab.Engine.PostAsync("/v1.41/containers/updates/update", body)).ShouldBeRefused($"container updates would give access to the host: {field} has 1");
        }
    });

    [Fact]
    public Task A_list_lifts_it_for_trusted_images_of_its_repositories_only() => lab.TestAsync(async () =>
    {
        var listed = await lab.SignedAsync("infra", "1");
        var unsigned = await lab.UnsignedAsync("infra", "2");
        await lab.WithPolicyAsync(p => p["host-access-for"] = new JsonArray($"{lab.Registry}/lab/infra"));
        string[] access = ["--network", "none", "-v", _folders.Fill("{data}:/data:ro")];

        (await lab.DockerAsync(["run", "--rm", .. access, listed.Reference])).ShouldSucceed(listed.Text);
        (await lab.DockerAsync(["create", .. access, "--privileged", listed.Reference])).ShouldSucceed();
        (await lab.DockerAsync(["create", .. access, unsigned.Reference])).ShouldBeRefused($"{unsigned.Reference} is not signed");
        (await lab.DockerAsync(["create", .. access, Signed])).ShouldBeRefused($"{Signed} would give access to the host: HostConfig.Binds");
        (await lab.DockerAsync("volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", _folders.Fill("device={data}")))
            .ShouldBeRefused("the volume would give access to the host", "; leave it out, or see host-access in the policy");
    });

    [Fact]
    public Task Allow_lifts_it_for_all() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["host-access"] = "allow");
        try
        {
            (await lab.DockerAsync("volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", _folders.Fill("device={data}"), "all-allowed")).ShouldSucceed();
            (await lab.DockerAsync("run", "-d", "--name", "all", "--network", "none", "-v", _folders.Fill("{data}:/data:ro"), "-v", "all-allowed:/again:ro", Signed, "sleep", "600"))
                .ShouldSucceed();
            (await ExecAsync("all")).ShouldSucceed();
        }
        finally
        {
            await lab.DockerAsync("rm", "--force", "all");
            await lab.DockerAsync("volume", "rm", "--force", "all-allowed");
        }
    });

    // Made, not run: a machine for tests may not be able to give away every capability.
    private Task<ApiAnswer> ExecAsync(string container) => lab.Engine.PostAsync(
        $"/v1.41/containers/{container}/exec", new JsonObject { ["Privileged"] = true, ["Cmd"] = new JsonArray("true") });
}
