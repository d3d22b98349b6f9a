using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Authorization;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.HostAccess;

/// <summary>Every field of the table, in a create of a signed image.</summary>
public sealed class HostAccessOfCreates : IDisposable
{
    private readonly AuthorizationBench _bench = new();

    public HostAccessOfCreates() => _bench.PullSigned("1", 'd', '1');

    public static TheoryData<string, string> Refused => new()
    {
        { "HostConfig.Privileged is true", """ "Privileged":true """ },
        { "HostConfig.PidMode is host", """ "PidMode":"host" """ },
        { "HostConfig.IpcMode is host", """ "IpcMode":"host" """ },
        { "HostConfig.UsernsMode is host", """ "UsernsMode":"host" """ },
        { "HostConfig.Devices has 1 of them", """ "Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}] """ },
        { "HostConfig.DeviceCgroupRules has 1 of them", """ "DeviceCgroupRules":["b 8:* rwm"] """ },
        { "HostConfig.DeviceRequests asks driver cdi", """ "DeviceRequests":[{"Driver":"cdi","DeviceIDs":["vendor.com/class=x"]}] """ },
        { "HostConfig.CgroupParent /a/../.. has a ..", """ "CgroupParent":"/a/../.." """ },
        { "HostConfig.CgroupParent /system.slice/content-trust.service is in the unit", """ "CgroupParent":"/system.slice/content-trust.service" """ },
        { "HostConfig.CapAdd asks for SYS_ADMIN", """ "CapAdd":["NET_ADMIN","SYS_ADMIN"] """ },
        { "HostConfig.CapAdd asks for cap_sys_module", """ "CapAdd":["cap_sys_module"] """ },
        { "HostConfig.CapAdd asks for ALL", """ "CapAdd":["ALL"] """ },
        { "HostConfig.CapAdd asks for SYS_TIME", """ "CapAdd":["SYS_TIME"] """ },
        { "HostConfig.CapAdd asks for DAC_READ_SEARCH", """ "CapAdd":["DAC_READ_SEARCH"] """ },
        { "HostConfig.CapAdd asks for \\u017fYS_NICE", """ "CapAdd":["\u017fYS_NICE"] """ },
        { "HostConfig.SecurityOpt has seccomp=unconfined", """ "SecurityOpt":["no-new-privileges","seccomp=unconfined"] """ },
        { "HostConfig.SecurityOpt has seccomp:unconfined", """ "SecurityOpt":["seccomp:unconfined"] """ },
        { "HostConfig.SecurityOpt has seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}", """ "SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}"] """ },
        { "HostConfig.SecurityOpt has seccomp={\"defaultaction\"", """ "SecurityOpt":["seccomp={\"defaultaction\":\"SCMP_ACT_ERRNO\"}"] """ },
        { "HostConfig.SecurityOpt has apparmor=unconfined", """ "SecurityOpt":["apparmor=unconfined"] """ },
        { "HostConfig.SecurityOpt has apparmor=docker-default//&unconfined", """ "SecurityOpt":["apparmor=docker-default//&unconfined"] """ },
        { "HostConfig.SecurityOpt has label=disable", """ "SecurityOpt":["label=disable"] """ },
        { "HostConfig.SecurityOpt has label:disable", """ "SecurityOpt":["label:disable"] """ },
        { "HostConfig.SecurityOpt has label=type:spc_t", """ "SecurityOpt":["label=type:spc_t"] """ },
        { "HostConfig.SecurityOpt has systempaths=unconfined", """ "SecurityOpt":["systempaths=unconfined"] """ },
        { "HostConfig.SecurityOpt has disable", """ "SecurityOpt":["disable"] """ },
        { "HostConfig.SecurityOpt has writable-cgroups=true", """ "SecurityOpt":["writable-cgroups=true"] """ },
        { "HostConfig.MaskedPaths leaves out /proc/acpi", """ "MaskedPaths":[] """ },
        { "HostConfig.MaskedPaths leaves out /proc/scsi", """ "MaskedPaths":["/proc/acpi","/proc/kcore","/proc/keys","/sys/firmware"] """ },
        { "HostConfig.ReadonlyPaths leaves out /proc/sys", """ "ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sysrq-trigger"] """ },
        { "HostConfig.Runtime is io.containerd.evil.v1, not the engine's default runc", """ "Runtime":"io.containerd.evil.v1" """ },
        { "HostConfig.InitPath /var/lib/docker/x reaches /var/lib/docker", """ "InitPath":"/var/lib/docker/x" """ },
        { "HostConfig.Annotations has org.systemd.property.DeviceAllow", """ "Annotations":{"a":"b","org.systemd.property.DeviceAllow":"[('/dev/sda', 'rwm')]"} """ },
        { "HostConfig.Annotations has org.criu.config", """ "Annotations":{"org.criu.config":"/srv/criu.conf"} """ },
        { "HostConfig.Annotations has run.oci.hooks.stdout", """ "Annotations":{"run.oci.hooks.stdout":"/etc/cron.d/x"} """ },
        { "HostConfig.Annotations has cdi.k8s.io/x", """ "Annotations":{"cdi.k8s.io/x":"vendor.com/class=x"} """ },
        { "HostConfig.Binds / reaches /proc", """ "Binds":["/:/host:ro"] """ },
        { "HostConfig.Binds /var/lib reaches /var/lib/docker", """ "Binds":["/srv/a:/a","/var/lib:/x"] """ },
        { "HostConfig.Binds /var/run/docker.sock reaches", """ "Binds":["/var/run/docker.sock:/var/run/docker.sock"] """ },
        { "HostConfig.Binds /srv/../etc//docker/ reaches /etc/docker", """ "Binds":["/srv/../etc//docker/:/x"] """ },
        { "HostConfig.Mounts /var/lib/containerd/x reaches", """ "Mounts":[{"Type":"bind","Source":"/var/lib/containerd/x","Target":"/x","ReadOnly":true}] """ },
        { "HostConfig.Mounts /etc reaches /etc/docker", """ "Mounts":[{"Type":"bind","Source":"/etc","Target":"/x","BindOptions":{"Propagation":"rslave"}}] """ },
        { "HostConfig.Mounts has a mount of type npipe", """ "Mounts":[{"Type":"npipe","Source":"x","Target":"/x"}] """ },
        { "HostConfig.Mounts.VolumeOptions.DriverConfig.Options /var/lib/docker reaches", """ "Mounts":[{"Type":"volume","Source":"v","Target":"/x","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"ro,bind","device":"/var/lib/docker"}}}}] """ },
        { "HostConfig.Mounts.VolumeOptions.DriverConfig.Options run/docker is not an absolute path", """ "Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Driver":"other","Options":{"type":"tmpfs","o":"rbind","device":"run/docker"}}}}] """ },
        { "HostConfig.Mounts.VolumeOptions.DriverConfig.Options mounts a file system of type overlay", """ "Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"DriverConfig":{"Options":{"type":"overlay","o":"lowerdir=/:/srv","device":"overlay"}}}}] """ },
    };

    public static TheoryData<string, string> Allowed => new()
    {
        { "defaults of the CLI", """ "Binds":null,"CapAdd":null,"Devices":[],"DeviceRequests":null,"SecurityOpt":null,"MaskedPaths":null,"ReadonlyPaths":null,"PidMode":"","Privileged":false """ },
        { "named volume", """ "Binds":["data:/data","logs:/logs:ro"] """ },
        { "anonymous volume", """ "Binds":["/data"] """ },
        { "binds", """ "Binds":["/srv/data:/data","/home/x/code:/code:z","/etc/localtime:/etc/localtime","/etc/hosts:/etc/hosts:ro","/etc/passwd:/etc/passwd:ro","/lib/modules:/lib/modules:ro"] """ },
        { "harmless devices", """ "Binds":["/dev/shm:/dev/shm","/dev/null:/masked","/dev/log:/dev/log"] """ },
        { "mounts", """ "Mounts":[{"Type":"bind","Source":"/srv/data","Target":"/d","BindOptions":{"Propagation":"rshared"}},{"Type":"volume","Source":"data","Target":"/v"},{"Type":"tmpfs","Target":"/t"}] """ },
        { "nfs volume", """ "Mounts":[{"Type":"volume","Source":"n","Target":"/n","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"nfs","o":"addr=10.0.0.1,rw","device":":/data"}}}}] """ },
        { "bind-like volume of an unprotected path", """ "Mounts":[{"Type":"volume","Source":"n","Target":"/n","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/srv/data"}}}}] """ },
        { "options of another driver", """ "Mounts":[{"Type":"volume","Source":"n","Target":"/n","VolumeOptions":{"DriverConfig":{"Name":"vieux/sshfs","Options":{"device":"/var/lib/docker"}}}}] """ },
        { "host network, ports, init, ulimits, sysctls", """ "NetworkMode":"host","PortBindings":{"80/tcp":[{"HostPort":"80"}]},"Init":true,"Ulimits":[{"Name":"nofile","Soft":1,"Hard":2}],"Sysctls":{"net.core.somaxconn":"1"},"UTSMode":"host","CgroupnsMode":"host" """ },
        { "harmless capabilities", """ "CapAdd":["NET_ADMIN","CAP_SYS_PTRACE","ipc_lock","net_bind_service"],"CapDrop":["ALL"] """ },
        { "confining options", """ "SecurityOpt":["no-new-privileges:true","apparmor=my-profile","label=level:s0:c1,c2","label=type:container_t","seccomp={\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[]}","seccomp=builtin"] """ },
        { "namespaces apart", """ "PidMode":"","IpcMode":"shareable","UsernsMode":"" """ },
        { "default runtime", """ "Runtime":"runc" """ },
        { "annotations", """ "Annotations":{"com.example.owner":"me","org.opencontainers.image.title":"x"} """ },
        { "GPUs", """ "DeviceRequests":[{"Driver":"","Count":-1,"Capabilities":[["gpu"]]}] """ },
        { "cgroup parent", """ "CgroupParent":"/system.slice" """ },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_field_that_gives_access_to_the_host_is_refused_and_named(string expected, string hostConfig)
    {
        var answer = await _bench.AskAsync(CreateWith($$"""
            "HostConfig":{{{hostConfig}}}
            """));
        Assert.False(answer.Allow, expected);
        Assert.StartsWith($"{Repository}:1 would give access to the host: {expected}", answer.Message, StringComparison.Ordinal);
        Assert.EndsWith($"; leave it out, or name {Repository} in host-access-for of the policy", answer.Message, StringComparison.Ordinal);
        Assert.Equal("host-access", _bench.LastReason());
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task The_same_field_at_the_top_is_refused_since_old_engines_read_it_there(string expected, string hostConfig)
    {
        var answer = await _bench.AskAsync(CreateWith(hostConfig));
        Assert.False(answer.Allow, expected);
        Assert.Contains(expected["HostConfig.".Length..], answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task What_reaches_nothing_of_the_host_passes(string row, string hostConfig)
    {
        var answer = await _bench.AskAsync(CreateWith($$"""
            "HostConfig":{{{hostConfig}}}
            """));
        Assert.True(answer.Allow, row + ": " + answer.Message);
    }

    [Theory]
    [InlineData(""" "Privileged":"yes" """)]
    [InlineData(""" "Binds":"/:/x" """)]
    [InlineData(""" "Binds":[1] """)]
    [InlineData(""" "CapAdd":"SYS_ADMIN" """)]
    [InlineData(""" "PidMode":["host"] """)]
    [InlineData(""" "Mounts":[{"Type":"bind","Source":"/x","ReadOnly":"no"}] """)]
    [InlineData(""" "Mounts":[{"Type":"volume","VolumeOptions":{"DriverConfig":{"Options":{"o":["bind"]}}}}] """)]
    [InlineData(""" "Annotations":["run.oci.x"] """)]
    [InlineData(""" "privileged":true """)]
    public async Task What_engines_would_not_read_so_is_refused(string hostConfig)
    {
        Assert.False((await _bench.AskAsync(CreateWith($$"""
            "HostConfig":{{{hostConfig}}}
            """))).Allow);
        Assert.Equal("hidden-or-ambiguous", _bench.LastReason());
    }

    [Fact]
    public async Task The_image_is_decided_first()
    {
        Assert.False((await _bench.AskAsync(CreateWith("\"HostConfig\":{\"Privileged\":true}", "evil:1"))).Allow);
        Assert.Equal("not-pinned", _bench.LastReason());
    }

    [Theory]
    [InlineData("registry.example.com/team/app", true)]
    [InlineData("registry.example.com/team/*", true)]
    [InlineData("registry.example.com/team/appendix", false)]
    [InlineData("registry.example.com/infra/*", false)]
    public async Task The_list_lifts_it_for_trusted_images_of_its_repositories(string pattern, bool lifted)
    {
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList([pattern]) };
        var create = CreateWith("\"HostConfig\":{\"Privileged\":true,\"Binds\":[\"/:/host\"]}");
        Assert.Equal(lifted, (await _bench.AskAsync(create)).Allow);
        _bench.Build(Repository + ":1", '6');
        Assert.False((await _bench.AskAsync(create)).Allow);
        Assert.Equal("local-image-unknown", _bench.LastReason());
    }

    [Fact]
    public async Task Allow_lifts_it_for_all()
    {
        _bench.Policy = _bench.Policy with { HostAccess = PolicyAnswer.Allow };
        Assert.True((await _bench.AskAsync(CreateWith("\"HostConfig\":{\"Privileged\":true}"))).Allow);
    }

    [Fact]
    public async Task More_mounts_than_can_be_looked_at_are_refused()
    {
        var binds = string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"/srv/{i}:/m{i}\""));
        var answer = await _bench.AskAsync(CreateWith($$"""
            "HostConfig":{"Binds":[{{binds}}]}
            """));
        Assert.Contains("more than 256", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_does_not_tell_where_its_data_is_leaves_binds_undecided()
    {
        _bench.Engine.DataRoot = "";
        Assert.False((await _bench.AskAsync(CreateWith("\"HostConfig\":{\"Binds\":[\"/srv:/srv\"]}"))).Allow);
        Assert.Equal("engine-unclear", _bench.LastReason());
    }

    public void Dispose() => _bench.Dispose();
}
