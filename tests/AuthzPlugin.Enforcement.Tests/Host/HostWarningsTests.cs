using AuthzPlugin.Enforcement.Host;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Tests.Host;

public sealed class HostWarningsTests
{
    private static readonly HostFacts Good = new() { EngineVersion = "28.5.2", AuthorizationPlugins = ["content-trust"] };

    private static readonly TrustPolicy Enforced = TrustPolicy.WithoutStanza with { Mode = EnforcementMode.Enforced };

    private static readonly Dictionary<string, (HostFacts Facts, TrustPolicy? Policy, string Says)> Table = new()
    {
        ["an engine with native gRPC"] = (Good with { EngineVersion = "29.2.0" }, Enforced, "engine 29.2.0 serves native gRPC"),
        ["a release candidate of one"] = (Good with { EngineVersion = "29.2.0-rc.1" }, Enforced, "serves native gRPC"),
        ["a later one of Debian"] = (Good with { EngineVersion = "30.0.1+dfsg1" }, Enforced, "serves native gRPC"),
        ["an engine of an unreadable version"] = (Good with { EngineVersion = "dev\u001b" }, Enforced, "serves native gRPC"),
        ["a swarm"] = (Good with { InSwarm = true }, Enforced, "is part of a swarm"),
        ["no root"] = (Good with { Rootless = true }, Enforced, "runs without root"),
        ["the flag"] = (Good with { PluginGivenAsFlag = true }, Enforced, "--authorization-plugin, which it forgets at its first reload"),
        ["the flag alone"] = (Good with { PluginGivenAsFlag = true, AuthorizationPlugins = null }, Enforced, "--authorization-plugin"),
        ["listed twice"] = (Good with { AuthorizationPlugins = ["content-trust", "other", "content-trust"] }, Enforced, "names content-trust 2 times"),
        ["not listed"] = (Good with { AuthorizationPlugins = ["other"] }, Enforced, "does not name content-trust"),
        ["no list"] = (Good with { AuthorizationPlugins = null }, Enforced, "does not name content-trust"),
        ["a shared socket"] = (Good with { SharedSockets = ["/run/docker.sock"] }, Enforced, "/run/docker.sock may be written to by others than root"),
        ["an invalid policy and a swarm"] = (Good with { InSwarm = true }, null, "is part of a swarm"),
        ["host access"] = (Good, Enforced with { HostAccess = PolicyAnswer.Allow }, "host-access is \"allow\""),
        ["builds"] = (Good, Enforced with { Builds = PolicyAnswer.Allow }, "builds is \"allow\""),
        ["swarm allowed"] = (Good, Enforced with { Swarm = PolicyAnswer.Allow }, "swarm is \"allow\""),
        ["a second address of dockerd"] = (
            Good with { GateSocket = "/run/docker.sock", OtherHosts = ["tcp://0.0.0.0:2375"] }, Enforced, "also listens at tcp://0.0.0.0:2375, past the gate"),
        ["builds through a gate that is not there"] = (Good, Enforced with { Builds = PolicyAnswer.Gate }, "no gate is open here"),
        ["plugins"] = (Good, Enforced with { Plugins = PolicyAnswer.Allow }, "plugins is \"allow\""),
    };

    public static TheoryData<string> Rows() => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_open_is_said_in_one_line(string row)
    {
        var (facts, policy, says) = Table[row];
        var warning = Assert.Single(HostWarnings.Of(facts, policy, "content-trust"));
        Assert.Contains(says, warning, StringComparison.Ordinal);
        Assert.All(warning, c => Assert.InRange(c, ' ', '~'));
    }

    [Theory]
    [InlineData("20.10.24")]
    [InlineData("28.5.2+dfsg4")]
    [InlineData("29.1.9")]
    [InlineData(null)]
    public void A_host_where_nothing_is_open_gets_no_warning(string? version) =>
        Assert.Empty(HostWarnings.Of(Good with { EngineVersion = version }, Enforced, "content-trust"));

    [Fact]
    public void Behind_a_gate_native_gRPC_is_out_of_reach() =>
        Assert.Empty(HostWarnings.Of(
            Good with { EngineVersion = "29.2.0", GateSocket = "/run/docker.sock" }, Enforced with { Builds = PolicyAnswer.Gate }, "content-trust"));

    [Fact]
    public void A_disabled_policy_leaves_nothing_open_by_its_other_keys() =>
        Assert.Empty(HostWarnings.Of(Good, TrustPolicy.WithoutStanza with { HostAccess = PolicyAnswer.Allow }, "content-trust"));
}
