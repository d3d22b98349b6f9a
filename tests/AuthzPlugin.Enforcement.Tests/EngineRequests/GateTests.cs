
namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

public sealed class GateTests
{
    public static TheoryData<string, string, string, string> Gated => new()
    {
        { "POST", "/build?remote=http://h/x", "", "gate Builds" },
        { "POST", "/build?t=a&t=b&securityopt=a&securityopt=b&extrahosts=a&extrahosts=b", "", "gate Builds" },
        { "POST", "/session", "", "gate Builds" },
        { "POST", "/v1.39/grpc", "", "gate Builds" },
        { "POST", "/plugins/pull?remote=a", "[]", "plugin docker.io/library/a as a" },
        { "POST", "/plugins/a/upgrade?remote=b", "[]", "plugin docker.io/library/b as a" },
        { "POST", "/plugins/create?name=a", "", "refused refused-by-policy" },
        { "POST", "/plugins/vieux/sshfs:latest/enable?timeout=0", "", "Enable plugin vieux/sshfs:latest" },
        { "POST", "/plugins/a/set", "[]", "gate Plugins" },
        { "POST", "/swarm/init", "{}", "gate Swarm" },
        { "POST", "/swarm/join", "{}", "gate Swarm" },
        { "POST", "/swarm/update?version=1", "{}", "gate Swarm" },
        { "POST", "/swarm/unlock", "{}", "gate Swarm" },
        { "GET", "/swarm", "", "gate Swarm" },
        { "GET", "/swarm/unlockkey", "", "gate Swarm" },
        { "POST", "/services/create", "{}", "refused bad-reference" },
        { "POST", "/services/a/update?version=1&rollback=previous", "{}", "service a rollback" },
        { "POST", "/plugins/pull?remote=a&name=b", "[]", "plugin docker.io/library/a as b" },
        { "POST", "/plugins/pull?remote=", "[]", "refused bad-reference" },
        { "POST", "/plugins/pull?remote=A", "[]", "refused bad-reference" },
        { "POST", "/services/a/update?version=1&rollback=next", "{}", "refused hidden-or-ambiguous" },
        { "POST", "/plugins/a/disable", "", "Disable plugin a" },
        { "DELETE", "/plugins/a?force=1", "", "Remove plugin a" },
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
}
