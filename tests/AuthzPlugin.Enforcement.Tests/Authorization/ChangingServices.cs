using System.Text.Json.Nodes;
using AuthzPlugin.Trust.Errors;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

public sealed class ChangingServices : IDisposable
{
    private static readonly string Signed = $"{Repository}:1@{DigestOf('d')}";
    private static readonly string Old = $"{Repository}@{DigestOf('e')}";

    private readonly AuthorizationBench _bench = new();

    public ChangingServices() => _bench.PullSigned("1", 'd', '1');

    private static string Spec(string image, string more = "", string update = "{}") =>
        $$"""{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"{{image}}"{{more}}},"Runtime":"container"},"UpdateConfig":{{update}}}""";

    private void Service(string present, string? previous = null)
    {
        var service = new JsonObject { ["ID"] = "s1", ["Version"] = new JsonObject { ["Index"] = 7 }, ["Spec"] = JsonNode.Parse(present) };
        if (previous is not null)
        {
            service["PreviousSpec"] = JsonNode.Parse(previous);
        }

        _bench.Engine.Services["web"] = service;
    }

    private async Task<string> CreateAsync(string body) => await ReasonAsync("/v1.41/services/create", body);

    private async Task<string> UpdateAsync(string body, string query = "version=7") => await ReasonAsync($"/v1.41/services/web/update?{query}", body);

    private async Task<string> ReasonAsync(string uri, string body)
    {
        var answer = await _bench.AskAsync(Post(uri, body));
        return answer.Allow ? "allowed" : _bench.LastReason();
    }

    [Fact]
    public async Task A_service_runs_a_signed_digest_only()
    {
        Assert.Equal("allowed", await CreateAsync(Spec(Signed)));
        Assert.Equal("bad-reference", await CreateAsync(Spec(Repository + ":1")));
        Assert.Equal("bad-reference", await CreateAsync(Spec(DigestOf('1').ToString())));
        Assert.Equal("bad-reference", await CreateAsync(Spec("")));
        Assert.Equal("not-signed", await CreateAsync(Spec(Old)));
        Assert.Equal("digest-mismatch", await CreateAsync(Spec($"{Repository}:1@{DigestOf('e')}")));
    }

    [Theory]
    [InlineData("PluginSpec", """{"TaskTemplate":{"PluginSpec":{"Remote":"x"},"ContainerSpec":{"Image":"SIGNED"}}}""", "bad-reference")]
    [InlineData("plugin runtime", """{"TaskTemplate":{"ContainerSpec":{"Image":"SIGNED"},"Runtime":"plugin"}}""", "bad-reference")]
    [InlineData("attachment", """{"TaskTemplate":{"NetworkAttachmentSpec":{"ContainerID":"x"},"ContainerSpec":{"Image":"SIGNED"}}}""", "bad-reference")]
    [InlineData("nothing", """{"TaskTemplate":{}}""", "bad-reference")]
    [InlineData("look-alike of TaskTemplate", """{"TaskTemplate":{"ContainerSpec":{"Image":"SIGNED"}},"tasktemplate":{"ContainerSpec":{"Image":"evil"}}}""", "hidden-or-ambiguous")]
    [InlineData("look-alike of Image", """{"TaskTemplate":{"ContainerSpec":{"Image":"SIGNED","image":"evil"}}}""", "hidden-or-ambiguous")]
    [InlineData("look-alike of PluginSpec", """{"TaskTemplate":{"ContainerSpec":{"Image":"SIGNED"},"pluginspec":{}}}""", "hidden-or-ambiguous")]
    public async Task A_service_is_a_service_of_containers(string row, string body, string reason) =>
        Assert.Equal((row, reason), (row, await CreateAsync(body.Replace("SIGNED", Signed, StringComparison.Ordinal))));

    [Theory]
    [InlineData(""","Mounts":[{"Type":"bind","Source":"/var/run/docker.sock","Target":"/s"}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Target":"/v","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"o":"bind","type":"none","device":"/"}}}}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"bind","Source":"/srv/{{/**/}}../etc/docker","Target":"/s"}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"bind","Source":"/srv/{{.Node.Hostname}}","Target":"/s"}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"v","Target":"/v","VolumeOptions":{"DriverConfig":{"Options":{"type":"nfs","o":"bi{{/**/}}nd","device":"/"}}}}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"v","Target":"/v","VolumeOptions":{"DriverConfig":{"Options":{"type":"none","o":"bind","device":"/srv/{{.Task.Slot}}"}}}}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"v","Target":"/v","VolumeOptions":{"DriverConfig":{"Name":"lo{{/**/}}cal","Options":{"type":"none","o":"bind","device":"/"}}}}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"v","Target":"/v","VolumeOptions":{"DriverConfig":{"Options":{"ty{{/**/}}pe":"none","device":"/"}}}}]""", "host-access")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"v","Target":"/v","VolumeOptions":{"DriverConfig":{"Name":"other","Options":{"slot":"{{.Task.Slot}}"}}}}]""", "allowed")]
    [InlineData(""","Mounts":[{"Type":"volume","Source":"data-{{.Task.Slot}}","Target":"/d"}]""", "allowed")]
    [InlineData(""","CapabilityAdd":["CAP_SYS_ADMIN"]""", "host-access")]
    [InlineData(""","Privileges":{"Seccomp":{"Mode":"unconfined"}}""", "host-access")]
    [InlineData(""","Privileges":{"Seccomp":{"Mode":"custom","Profile":"eyJkZWZhdWx0QWN0aW9uIjoiU0NNUF9BQ1RfQUxMT1cifQ=="}}""", "host-access")]
    [InlineData(""","Privileges":{"AppArmor":{"Mode":"disabled"}}""", "host-access")]
    [InlineData(""","Privileges":{"SELinuxContext":{"Disable":true}}""", "host-access")]
    [InlineData(""","Privileges":{"SELinuxContext":{"Type":"spc_t"}}""", "host-access")]
    [InlineData(""","Privileges":{"CredentialSpec":null,"SELinuxContext":null,"Seccomp":{"Mode":"default"},"NoNewPrivileges":true},"Mounts":[{"Type":"volume","Source":"data","Target":"/d"}],"CapabilityAdd":["NET_ADMIN"]""", "allowed")]
    [InlineData(""","Privileges":{"Seccomp":{"Mode":"custom","Profile":"eyJkZWZhdWx0QWN0aW9uIjoiU0NNUF9BQ1RfRVJSTk8ifQ=="}}""", "allowed")]
    [InlineData(""","Mounts":[{"Type":"image","Source":"registry.example.com/team/app:1","Target":"/i"}]""", "bad-reference")]
    public async Task Its_fields_are_looked_at_like_those_of_a_container(string more, string reason) =>
        Assert.Equal((more, reason), (more, await CreateAsync(Spec(Signed, more))));

    [Fact]
    public async Task An_update_needs_a_signed_digest_and_the_present_version()
    {
        Service(Spec(Old));
        Assert.Equal("allowed", await UpdateAsync(Spec(Signed)));
        Assert.Equal("not-signed", await UpdateAsync(Spec(Old)));
        Assert.Equal("hidden-or-ambiguous", await UpdateAsync(Spec(Signed), "version=8"));
        Assert.Equal("bad-reference", await ReasonAsync("/services/none/update?version=7", Spec(Signed)));
    }

    [Fact]
    public async Task What_an_update_falls_back_to_must_pass_as_well()
    {
        Service(Spec(Old));
        Assert.Equal("not-signed", await UpdateAsync(Spec(Signed, update: """{"FailureAction":"rollback"}""")));
        Assert.Equal("allowed", await UpdateAsync(Spec(Signed, update: """{"FailureAction":"pause"}""")));
        Service(Spec(Signed));
        Assert.Equal("allowed", await UpdateAsync(Spec(Signed, update: """{"FailureAction":"rollback"}""")));
    }

    [Fact]
    public async Task A_rollback_is_decided_by_what_the_swarm_remembers_and_not_by_the_body()
    {
        Service(Spec(Signed), Spec(Old));
        Assert.Equal("not-signed", await UpdateAsync(Spec(Signed), "version=7&rollback=previous"));
        Service(Spec(Old), Spec(Signed));
        Assert.Equal("allowed", await UpdateAsync(Spec(Old), "version=7&rollback=previous"));
        Service(Spec(Signed));
        Assert.Equal("bad-reference", await UpdateAsync(Spec(Signed), "version=7&rollback=previous"));
    }

    [Fact]
    public async Task An_update_that_leaves_a_verified_image_alone_passes_after_its_withdrawal()
    {
        Service(Spec(Signed));
        Assert.Equal("allowed", await UpdateAsync(Spec(Signed)));
        _bench.Trust[Repository].Tags.Clear();
        Assert.Equal("allowed", await UpdateAsync(Spec(Signed, ""","Env":["A=1"]""")));
        Assert.Equal("not-signed", await CreateAsync(Spec(Signed)));
        Service(Spec(Old));
        Assert.Equal("not-signed", await UpdateAsync(Spec(Signed)));
        Service(Spec(Signed));
        _bench.Policy = _bench.Policy with { Pins = Pins("registry.example.com/team/*", new string('b', 64)) };
        Assert.Equal("not-signed", await UpdateAsync(Spec(Signed)));
    }

    [Fact]
    public async Task Without_trust_data_a_service_is_undecided()
    {
        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "it does not answer");
        Assert.Equal("trust-server-unreachable", await CreateAsync(Spec(Signed)));
    }

    public void Dispose() => _bench.Dispose();
}
