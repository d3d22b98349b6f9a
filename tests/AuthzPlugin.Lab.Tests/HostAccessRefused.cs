using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// Every way to the host that <c>host-access: "refuse"</c> closes, asked of the real engine for a signed image. Nothing here is ever
/// started: rows only create, and what they ask for is read-only or never used.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed class HostAccessRefused(LabFixture lab)
{
    private readonly HostFolders _folders = new(lab);

    private string Signed => $"{lab.Registry}/lab/first:1";

    public static TheoryData<string, string, string> Flags => new()
    {
        { "privileged", "--privileged", "HostConfig.Privileged is true" },
        { "the host's processes", "--pid host", "HostConfig.PidMode is host" },
        { "the host's IPC", "--ipc host", "HostConfig.IpcMode is host" },
        { "the host's users", "--userns host", "HostConfig.UsernsMode is host" },
        { "a device", "--device /dev/null:/dev/x", "HostConfig.Devices has 1" },
        { "a capability", "--cap-add SYS_ADMIN", "HostConfig.CapAdd asks for" },
        { "a capability in small letters", "--cap-add cap_sys_module", "HostConfig.CapAdd asks for" },
        { "all capabilities", "--cap-add all --cap-drop NET_RAW", "HostConfig.CapAdd asks for" },
        { "no seccomp", "--security-opt seccomp=unconfined", "HostConfig.SecurityOpt has seccomp=unconfined" },
        { "no AppArmor", "--security-opt apparmor=unconfined", "HostConfig.SecurityOpt has apparmor=unconfined" },
        { "no labels", "--security-opt label=disable", "HostConfig.SecurityOpt has label=disable" },
        { "paths of the kernel", "--security-opt systempaths=unconfined", "HostConfig.MaskedPaths leaves out" },
        { "another runtime", "--runtime evil", "HostConfig.Runtime is evil, not the engine's default runc" },
    };

    public static TheoryData<string, string> Sources => new()
    {
        { "the root", "/" },
        { "the root by dots", "/usr/.." },
        { "the root by slashes", "///" },
        { "the data root", "{data}" },
        { "the data root with a slash and a dot", "{data}/." },
        { "the data root by dots", "{project}/../../data/engine" },
        { "the data root by slashes", "/{data}//" },
        { "a folder of the data root", "{data}/overlay2" },
        { "a folder of the data root that is not there", "{data}/no/such" },
        { "the folder above the data root", "{lab}/data" },
        { "the folders above that", "/tmp" },
        { "a link to the data root", "{host}/to-data" },
        { "a folder below such a link", "{host}/to-data/overlay2" },
        { "a link to such a link", "{host}/to-link" },
        { "a relative link", "{host}/relative" },
        { "a link that an engine takes and the kernel does not", "{host}/aside/../to-data" },
        { "a link in a circle", "{host}/loop" },
        { "the usual data root", "/var/lib/docker" },
        { "the engine's socket", "{socket}" },
        { "the usual socket", "/var/run/docker.sock" },
        { "the usual socket's other name", "/run/docker.sock" },
        { "the sockets of plugins", "/run/docker/plugins" },
        { "the engine's run folder", "/run" },
        { "the engine's configuration", "/etc/docker" },
        { "the folder above it", "/etc" },
        { "containerd's socket", "/run/containerd/containerd.sock" },
        { "containerd's data", "/var/lib/containerd" },
        { "units", "/etc/systemd/system" },
        { "units of packages", "/usr/lib/systemd" },
        { "processes", "/proc" },
        { "a process", "/proc/1/root" },
        { "the kernel", "/sys" },
        { "cgroups", "/sys/fs/cgroup" },
        { "devices", "/dev" },
        { "this plugin's admin socket", "{admin}" },
        { "this plugin's state", "{state}" },
        { "this plugin's audit log", "{audit}" },
        { "this plugin's certificates", "{certs}" },
        { "this plugin's program", "{program}" },
        { "the policy", "{config}" },
    };

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "a device rule", """ "DeviceCgroupRules":["c 1:3 rwm"] """, "DeviceCgroupRules has 1" },
        { "a named device", """ "DeviceRequests":[{"Driver":"cdi","DeviceIDs":["vendor.com/class=x"]}] """, "DeviceRequests asks driver cdi" },
        { "capabilities with and without prefix", """ "CapAdd":["CAP_NET_BIND_SERVICE","CAP_SYS_PTRACE","sys_rawio"] """, "CapAdd asks for sys_rawio" },
        { "a seccomp profile that allows", """ "SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"] """, "SecurityOpt has seccomp=" },
        { "no seccomp, old spelling", """ "SecurityOpt":["seccomp:unconfined"] """, "SecurityOpt has seccomp:unconfined" },
        { "no labels, oldest spelling", """ "SecurityOpt":["disable"] """, "SecurityOpt has disable" },
        { "no masked paths", """ "MaskedPaths":[] """, "MaskedPaths leaves out /proc/acpi" },
        { "no read-only paths", """ "ReadonlyPaths":[] """, "ReadonlyPaths leaves out /proc/bus" },
        { "a cgroup above the engine's", """ "CgroupParent":"/../x" """, "CgroupParent /../x has a .." },
        { "a bind with options", """ "Binds":["{data}:/x:ro,rprivate"] """, "Binds {data} reaches" },
        { "a mount with propagation", """ "Mounts":[{"Type":"bind","Source":"{lab}","Target":"/x","ReadOnly":true,"BindOptions":{"Propagation":"rshared"}}] """, "Mounts {lab} reaches" },
        { "a mount of the socket", """ "Mounts":[{"Type":"bind","Source":"{socket}","Target":"/x","ReadOnly":true}] """, "Mounts {socket} reaches" },
        { "two mounts", """ "Mounts":[{"Type":"tmpfs","Target":"/t"},{"Type":"bind","Source":"/var/lib","Target":"/x","ReadOnly":true}] """, "Mounts /var/lib reaches" },
    };

    /// <summary>Options of the <c>local</c> driver, and what is said about them.</summary>
    public static TheoryData<string, string, string> VolumeOptions => new()
    {
        { "bind", """ {"type":"none","o":"bind","device":"{data}"} """, "{data} reaches" },
        { "recursive and read-only", """ {"type":"none","o":"ro,rbind","device":"{data}"} """, "{data} reaches" },
        { "an ancestor", """ {"type":"none","o":"bind","device":"/"} """, "/ reaches" },
        { "a link", """ {"type":"none","o":"bind","device":"{host}/to-data"} """, "{host}/to-data reaches" },
        { "dots", """ {"type":"none","o":"bind","device":"{project}/../../"} """, "{project}/../../ reaches" },
        { "bind under the name of memory", """ {"type":"tmpfs","o":"size=1m,bind","device":"{state}"} """, "{state} reaches" },
        { "bind under the name of nfs", """ {"type":"nfs","o":"addr=127.0.0.1,bind","device":"{data}"} """, "{data} reaches" },
        { "bind as a type", """ {"type":"bind","o":"bind","device":"/etc/docker"} """, "/etc/docker reaches" },
        { "not absolute", """ {"type":"none","o":"bind","device":"var/lib/docker"} """, "var/lib/docker is not an absolute path" },
        { "a disk", """ {"type":"ext4","device":"/dev/sda1"} """, "mounts a file system of type ext4" },
        { "an overlay", """ {"type":"overlay","o":"lowerdir=/:{data}","device":"overlay"} """, "mounts a file system of type overlay" },
        { "processes", """ {"type":"proc","device":"proc"} """, "mounts a file system of type proc" },
        { "cgroups", """ {"type":"cgroup","device":"cgroup","o":"devices"} """, "mounts a file system of type cgroup" },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public Task Flags_of_docker_create(string row, string flags, string expected) => lab.TestAsync(async () =>
    {
        (await lab.DockerAsync(["create", "--network", "none", .. flags.Split(' '), Signed, "true"]))
            .ShouldBeRefused($"{Signed} would give access to the host: {expected}", "; leave it out, or name ");
        await NothingWasMadeAsync(row);
    });

    [Theory]
    [MemberData(nameof(Sources))]
    public Task Sources_of_binds_and_mounts(string row, string source) => lab.TestAsync(async () =>
    {
        var path = _folders.Fill(source);
        var expected = $"{Signed} would give access to the host: HostConfig.";
        (await CreateAsync($""" "Binds":["{path}:/x:ro"] """)).ShouldBeRefused(expected + $"Binds {path} reaches ");
        (await CreateAsync($$""" "Mounts":[{"Type":"bind","Source":"{{path}}","Target":"/x","ReadOnly":true}] """)).ShouldBeRefused(expected + $"Mounts {path} reaches ");
        await NothingWasMadeAsync(row);
    });

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task Fields_of_a_body_below_HostConfig_and_where_old_engines_read_them(string row, string fields, string expected) => lab.TestAsync(async () =>
    {
        var filled = _folders.Fill(fields);
        (await CreateAsync(filled)).ShouldBeRefused("access to the host: HostConfig." + _folders.Fill(expected));
        (await CreateAsync(filled, atTheTop: true)).ShouldBeRefused("access to the host: " + _folders.Fill(expected));
        await NothingWasMadeAsync(row);
    });

    [Theory]
    [MemberData(nameof(VolumeOptions))]
    public Task Options_of_volumes_made_by_themselves_and_in_a_mount(string row, string options, string expected) => lab.TestAsync(async () =>
    {
        var (filled, says) = (_folders.Fill(options), _folders.Fill(expected));
        foreach (var driver in new[] { "local", "" })
        {
            var volume = new JsonObject { ["Name"] = "never", ["Driver"] = driver, ["DriverOpts"] = JsonNode.Parse(filled) };
            (await lab.Engine.PostAsync("/v1.41/volumes/create", volume)).ShouldBeRefused("the volume would give access to the host: DriverOpts " + says);
            var config = $$""" { "Name":"{{driver}}", "Options":{{filled}} } """;
            (await CreateAsync($$""" "Mounts":[{"Type":"volume","Source":"never","Target":"/x","VolumeOptions":{"DriverConfig":{{config}} } }] """))
                .ShouldBeRefused("HostConfig.Mounts.VolumeOptions.DriverConfig.Options " + says);
        }

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await lab.Engine.GetAsync("/v1.41/volumes/never")).Status);
        await NothingWasMadeAsync(row);
    });

    private Task<ApiAnswer> CreateAsync(string fields, bool atTheTop = false)
    {
        var hostConfig = JsonNode.Parse("{" + fields + "}")!.AsObject();
        hostConfig["NetworkMode"] = "none";
        var body = atTheTop ? hostConfig : new JsonObject { ["HostConfig"] = hostConfig };
        body["Image"] = Signed;
        body["Cmd"] = new JsonArray("true");
        return lab.Engine.PostAsync("/v1.41/containers/create", body);
    }

    private async Task NothingWasMadeAsync(string row)
    {
        Assert.True((await lab.Engine.ContainersAsync()).Count == 0, row);
        Assert.All(lab.Plugin.Audit(), r => Assert.Equal(("host-access", "refused"), (r.Reason, r.Outcome)));
    }
}
