using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Testing.Engine;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.HostAccess;

/// <summary>Access to the host through volumes and containers that exist, and in requests other than create.</summary>
public sealed class HostAccessThroughOthers : IDisposable
{
    private const string Bind = """{"Name":"v","Driver":"local","Options":{"type":"none","o":"bind","device":"/var/lib/docker"}}""";

    private readonly AuthorizationBench _bench = new();

    public HostAccessThroughOthers() => _bench.PullSigned("1", 'd', '1');

    private SimulatedContainer Other(char id, string name, string hostConfig = "{}", params string[] mounts)
    {
        var container = new SimulatedContainer
        {
            Id = new string(id, 64),
            Name = name,
            ImageId = DigestOf('1').ToString(),
            ConfiguredImage = Repository + ":1",
            HostConfig = hostConfig,
            Mounts = [.. mounts.Select(m => JsonNode.Parse(m)!.AsObject())],
        };
        return _bench.Engine.Containers[container.Id] = container;
    }

    private async Task<string> RefusalAsync(string hostConfig)
    {
        var answer = await _bench.AskAsync(CreateWith($$"""
            "HostConfig":{{{hostConfig}}}
            """));
        return answer.Allow ? "allowed" : answer.Message;
    }

    [Theory]
    [InlineData(Bind, "device", "HostConfig.Binds: volume v, Options /var/lib/docker reaches /var/lib/docker")]
    [InlineData("""{"Name":"v","Driver":"local","Options":null}""", "plain", "allowed")]
    [InlineData("""{"Name":"v","Driver":"vieux/sshfs","Options":{"device":"/var/lib/docker","o":"bind"}}""", "other driver", "allowed")]
    [InlineData("""{"Name":"v","Driver":"local","Options":{"type":"ext4","device":"/dev/sda1"}}""", "disk", "mounts a file system of type ext4")]
    public async Task A_volume_that_exists_is_looked_at(string volume, string row, string expected)
    {
        _bench.Engine.Volumes["v"] = JsonNode.Parse(volume)!.AsObject();
        foreach (var hostConfig in new[] { """ "Binds":["v:/x"] """, """ "Mounts":[{"Type":"volume","Source":"v","Target":"/x"}] """ })
        {
            var message = await RefusalAsync(hostConfig);
            Assert.True(message.Contains(expected.Replace("Binds", hostConfig.Contains("Binds", StringComparison.Ordinal) ? "Binds" : "Mounts", StringComparison.Ordinal), StringComparison.Ordinal), row + ": " + message);
        }
    }

    [Fact]
    public async Task A_template_can_name_any_volume_that_exists()
    {
        const string Templated = """ "Mounts":[{"Type":"volume","Source":"{{.Service.Name}}","Target":"/x"}] """;
        _bench.Engine.Volumes["plain"] = JsonNode.Parse("""{"Name":"plain","Driver":"local","Options":null}""")!.AsObject();
        Assert.Equal("allowed", await RefusalAsync(Templated));
        _bench.Engine.Volumes["v"] = JsonNode.Parse(Bind)!.AsObject();
        Assert.Contains("HostConfig.Mounts: volume v, Options /var/lib/docker reaches", await RefusalAsync(Templated), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Volumes_from_a_container_are_its_mounts()
    {
        _bench.Engine.Volumes["v"] = JsonNode.Parse(Bind)!.AsObject();
        Other('a', "plain", """{"Privileged":true}""", """{"Type":"bind","Source":"/srv/data","RW":true}""", """{"Type":"volume","Name":"w","Source":"/var/lib/docker/volumes/w/_data"}""");
        Other('b', "socket", "{}", """{"Type":"bind","Source":"/run/docker.sock"}""");
        Other('c', "volume", "{}", """{"Type":"volume","Name":"v"}""");
        Assert.Equal("allowed", await RefusalAsync(""" "VolumesFrom":["plain:ro","missing"] """));
        Assert.Contains("HostConfig.VolumesFrom container socket has access to the host: Mounts /run/docker.sock reaches", await RefusalAsync(""" "VolumesFrom":["socket:ro"] """), StringComparison.Ordinal);
        Assert.Contains("container volume has access to the host: Mounts: volume v, Options /var/lib/docker reaches", await RefusalAsync(""" "VolumesFrom":["volume"] """), StringComparison.Ordinal);
        Assert.Contains("container a/b by something that is no name", await RefusalAsync(""" "VolumesFrom":["a/b"] """), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PidMode")]
    [InlineData("IpcMode")]
    public async Task A_shared_namespace_is_that_of_the_other_container(string field)
    {
        Other('a', "plain");
        Other('b', "host", $$"""{"{{field}}":"host"}""");
        Other('c', "joins", $$"""{"{{field}}":"container:host"}""");
        Other('d', "binds", "{}", """{"Type":"bind","Source":"/"}""");
        Other('e', "circle", $$"""{"{{field}}":"container:circle"}""");
        Assert.Equal("allowed", await RefusalAsync($"\"{field}\":\"container:plain\""));
        foreach (var other in new[] { "host", "joins", "binds", "circle" })
        {
            Assert.Contains($"HostConfig.{field} container {other} has access to the host", await RefusalAsync($"\"{field}\":\"container:{other}\""), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("device of a protected path", """{"Name":"v","DriverOpts":{"type":"none","o":"bind","device":"/etc/docker"}}""", false)]
    [InlineData("bind flag under another type", """{"Driver":"local","DriverOpts":{"type":"tmpfs","o":"size=1m,bind","device":"/"}}""", false)]
    [InlineData("raw disk", """{"DriverOpts":{"type":"ext4","device":"/dev/sda1"}}""", false)]
    [InlineData("unprotected path", """{"DriverOpts":{"type":"none","o":"bind","device":"/srv/data"}}""", true)]
    [InlineData("tmpfs", """{"DriverOpts":{"type":"tmpfs","o":"size=1m","device":"tmpfs"}}""", true)]
    [InlineData("look-alike", """{"driverOpts":{"type":"none","o":"bind","device":"/srv/data"}}""", false)]
    public async Task A_new_volume_reaches_nothing_protected(string row, string body, bool allowed)
    {
        var answer = await _bench.AskAsync(Post("/v1.41/volumes/create", body));
        Assert.True(allowed == answer.Allow, row + ": " + answer.Message);
    }

    [Fact]
    public async Task A_new_volume_belongs_to_no_image_so_only_allow_lifts_it()
    {
        var request = Post("/v1.41/volumes/create", """{"DriverOpts":{"type":"none","o":"bind","device":"/"}}""");
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList(["registry.example.com/*"]) };
        Assert.Equal("the volume would give access to the host: DriverOpts / reaches /proc (the kernel's interfaces); leave it out, or see host-access in the policy", (await _bench.AskAsync(request)).Message);
        _bench.Policy = _bench.Policy with { HostAccess = PolicyAnswer.Allow };
        Assert.True((await _bench.AskAsync(request)).Allow);
    }

    [Theory]
    [InlineData("exec", """{"Privileged":true,"Cmd":["sh"]}""", "Privileged is true")]
    [InlineData("update", """{"Devices":[{"PathOnHost":"/dev/sda"}]}""", "Devices has 1 of them")]
    [InlineData("update", """{"DeviceCgroupRules":["a *:* rwm"],"RestartPolicy":{"Name":"always"}}""", "DeviceCgroupRules has 1 of them")]
    public async Task Exec_and_update_give_a_container_no_access_later(string verb, string body, string field)
    {
        var container = Other('a', "web");
        foreach (var name in new[] { container.Id, "web" })
        {
            var request = Post($"/v1.41/containers/{name}/{verb}", body);
            Assert.Contains($"container {name} would give access to the host: {field}; ", (await _bench.AskAsync(request)).Message, StringComparison.Ordinal);
        }

        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList([Repository]) };
        Assert.True((await _bench.AskAsync(Post($"/v1.41/containers/web/{verb}", body))).Allow);
    }

    [Fact]
    public async Task An_exec_by_name_that_the_list_allows_keeps_names_still()
    {
        Other('a', "web");
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList([Repository]) };
        var exec = Post("/v1.41/containers/web/exec", """{"Privileged":true}""");
        Assert.True((await _bench.AskAsync(exec)).Allow);
        var rename = _bench.AskAsync(Post("/v1.41/containers/web/rename?name=x"));
        await Task.Delay(200);
        Assert.False(rename.IsCompleted);
        await _bench.ReportAsync(exec, 201);
        Assert.True((await rename.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task An_upload_mounts_what_the_container_mounts_so_it_is_looked_at_as_a_start_is()
    {
        Other('a', "web", """{"Privileged":true}""", """{"Type":"bind","Source":"/srv/x","RW":true}""");
        var upload = Post("/v1.41/containers/web/archive?path=/x") with
        {
            Method = "PUT",
            Headers = new Dictionary<string, string> { ["Content-Type"] = "application/x-tar" },
        };
        Assert.True((await _bench.AskAsync(upload)).Allow);

        _bench.Host.Links["/srv/x"] = "/etc/docker";
        Assert.Contains("container web would give access to the host: Mounts /srv/x reaches /etc/docker", (await _bench.AskAsync(upload)).Message, StringComparison.Ordinal);
        Assert.Equal("host-access", _bench.LastReason());
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList([Repository]) };
        Assert.True((await _bench.AskAsync(upload)).Allow);
        _bench.Engine.Images.Clear();
        Assert.False((await _bench.AskAsync(upload)).Allow);
        _bench.Policy = _bench.Policy with { HostAccess = PolicyAnswer.Allow };
        Assert.True((await _bench.AskAsync(upload)).Allow);
    }

    [Theory]
    [InlineData("container:other", true)]
    [InlineData("container:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", false)]
    public async Task A_start_by_id_keeps_names_still_when_the_container_joins_another_by_name(string mode, bool waits)
    {
        Other('b', "other");
        var container = Other('a', "web", $$"""{"PidMode":"{{mode}}"}""");
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        var rename = _bench.AskAsync(Post("/v1.41/containers/other/rename?name=x"));
        await Task.WhenAny(rename, Task.Delay(200));
        Assert.Equal(!waits, rename.IsCompleted);
        await _bench.ReportAsync(Start(container.Id), 204);
        Assert.True((await rename.WaitAsync(TimeSpan.FromSeconds(5))).Allow);
    }

    [Fact]
    public async Task A_container_with_access_from_before_does_not_start()
    {
        var container = Other('a', "old", """{"Privileged":true,"MaskedPaths":null,"Runtime":"runc"}""");
        var answer = await _bench.AskAsync(Start(container.Id));
        Assert.False(answer.Allow);
        Assert.Contains($"container {container.Id} would give access to the host: HostConfig.Privileged is true", answer.Message, StringComparison.Ordinal);
        _bench.Policy = _bench.Policy with { HostAccessFor = new RepositoryList([Repository]) };
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
    }

    [Fact]
    public async Task A_link_that_was_moved_after_the_create_is_found_at_the_start()
    {
        var image = _bench.Engine.Images.Values.Single();
        var container = new SimulatedContainer
        {
            Id = new string('c', 64),
            Name = "web",
            ImageId = image.Id,
            HostConfig = """{"Binds":["/srv/x:/x"]}""",
            Mounts = [new JsonObject { ["Type"] = "bind", ["Source"] = "/srv/x", ["RW"] = true }],
        };
        await _bench.CreateAsync(Repository + ":1", container);
        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        _bench.Host.Links["/srv/x"] = "/var/lib";
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.Equal("host-access", _bench.LastReason());
    }

    [Fact]
    public async Task A_container_whose_creation_the_engine_does_not_show_is_undecided()
    {
        var container = Other('a', "odd", "null");
        Assert.False((await _bench.AskAsync(Start(container.Id))).Allow);
        Assert.Equal("engine-unclear", _bench.LastReason());
    }

    public void Dispose() => _bench.Dispose();
}
