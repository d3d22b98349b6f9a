using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

public sealed class GateTests
{
    public static TheoryData<string, string, string, string> Gated => new()
    {
        { "POST", "/build?remote=http://h/x", "", "gate Builds" },
        { "POST", "/build?t=a&t=b&securityopt=a&securityopt=b&extrahosts=a&extrahosts=b", "", "gate Builds" },
        { "POST", "/session", "", "gate Builds" },
        { "POST", "/v1.39/grpc", "", "gate Builds" },
        { "POST", "/plugins/pull?remote=a", "[]", "gate Plugins" },
        { "POST", "/plugins/a/upgrade?remote=b", "[]", "gate Plugins" },
        { "POST", "/plugins/create?name=a", "", "gate Plugins" },
        { "POST", "/plugins/vieux/sshfs:latest/enable?timeout=0", "", "gate Plugins" },
        { "POST", "/plugins/a/set", "[]", "gate Plugins" },
        { "POST", "/swarm/init", "{}", "gate Swarm" },
        { "POST", "/swarm/join", "{}", "gate Swarm" },
        { "POST", "/swarm/update?version=1", "{}", "gate Swarm" },
        { "POST", "/swarm/unlock", "{}", "gate Swarm" },
        { "GET", "/swarm", "", "gate Swarm" },
        { "GET", "/swarm/unlockkey", "", "gate Swarm" },
        { "POST", "/services/create", "{}", "gate Services" },
        { "POST", "/services/a/update?version=1&rollback=previous", "{}", "gate Services" },
        { "POST", "/plugins/a/disable", "", "no image" },
        { "DELETE", "/plugins/a?force=1", "", "no image" },
        { "POST", "/plugins/a/push", "", "no image" },
        { "POST", "/swarm/leave?force=1", "", "no image" },
        { "DELETE", "/services/a", "", "no image" },
        { "POST", "/nodes/a/update?version=1", "{}", "no image" },
        { "POST", "/build/prune", "", "no image" },
        { "POST", "/build/cancel?id=a", "", "no image" },
    };

    [Theory]
    [MemberData(nameof(Gated))]
    public void Groups_of_requests_go_to_their_gate(string method, string uri, string body, string expected) =>
        Assert.Equal(expected, Asking.Describe(body == "" ? Asking.Read(method, uri) : Asking.Json(method, uri, body)));

    [Theory]
    [InlineData("content-trust")]
    [InlineData("content-trust:latest")]
    [InlineData("content-trust:1@sha256:" + Asking.A64)]
    [InlineData("library/content-trust")]
    [InlineData("docker.io/library/content-trust:latest")]
    [InlineData("registry.example.com:5000/x/content-trust")]
    public void This_plugin_is_not_stopped_through_the_API(string name)
    {
        foreach (var result in new[] { Asking.Read("DELETE", $"/v1.41/plugins/{name}"), Asking.Read("POST", $"/plugins/{name}/disable?force=1") })
        {
            var refused = Assert.IsType<RefusedRequest>(result);
            Assert.Equal(ReasonCode.RefusedByPolicy, refused.Reason);
            Assert.StartsWith($"plugin {name} has this plugin's name, ", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("content-trusted")]
    [InlineData("my-content-trust")]
    [InlineData("content-trust/other")]
    public void Plugins_of_similar_names_are(string name) => Assert.Equal("no image", Asking.Describe(Asking.Read("DELETE", $"/plugins/{name}")));
}
