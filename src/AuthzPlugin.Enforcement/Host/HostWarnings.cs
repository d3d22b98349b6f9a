using System.Globalization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Host;

/// <summary>What this host or its policy leaves open (docs/threat-model.md), a sentence each with what an administrator can do.</summary>
public static class HostWarnings
{
    /// <summary>The first engine that serves native gRPC on its socket, past every authorization plugin (engine-authz R9).</summary>
    private static readonly Version NativeGrpc = new(29, 2);

    /// <param name="plugin">The name that daemon.json calls us by: that of our socket.</param>
    /// <param name="policy">Null when it is invalid.</param>
    public static IReadOnlyList<string> Of(HostFacts facts, TrustPolicy? policy, string plugin) =>
        [
            .. OfEngine(facts), .. OfRegistration(facts, plugin), .. OfSockets(facts), .. OfGate(facts),
            .. policy is null ? [] : OfPolicy(policy), .. policy is null ? [] : OfBuilds(facts, policy),
        ];

    private static IEnumerable<string> OfEngine(HostFacts facts)
    {
        if (facts.EngineVersion is { } version && Parse(version) >= NativeGrpc && facts.GateSocket is null)
        {
            yield return $"engine {UntrustedText.Escape(version)} serves native gRPC without asking any authorization plugin, so whoever may use its socket can build "
                + "(and run build steps of unsigned images); put the gate in front of the socket, which speaks HTTP/1.1 only (content-trust gate enable)";
        }

        if (facts.InSwarm)
        {
            yield return "this engine is part of a swarm, whose managers start tasks here without a question; leave the swarm, or run content-trust on every node";
        }

        if (facts.Rootless)
        {
            yield return "this engine runs without root, which is not supported: its sockets and data lie elsewhere; use an engine of root";
        }
    }

    private static IEnumerable<string> OfRegistration(HostFacts facts, string plugin)
    {
        if (facts.PluginGivenAsFlag)
        {
            yield return "dockerd was started with --authorization-plugin, which it forgets at its first reload, and then asks nobody; "
                + $"name {plugin} in authorization-plugins of daemon.json instead";
        }

        var named = facts.AuthorizationPlugins?.Count(p => p == plugin) ?? 0;
        if (named > 1)
        {
            yield return $"authorization-plugins of daemon.json names {plugin} {named} times, so every request is decided {named} times; name it once";
        }

        if (named == 0 && !facts.PluginGivenAsFlag)
        {
            yield return $"authorization-plugins of daemon.json does not name {plugin}, so the engine asks nothing; add it and run systemctl reload docker";
        }
    }

    private static IEnumerable<string> OfSockets(HostFacts facts) => facts.SharedSockets.Select(socket =>
        $"{socket} may be written to by others than root: they are callers of the engine; keep that group small");

    private static IEnumerable<string> OfGate(HostFacts facts) => facts.OtherHosts.Select(host =>
        $"dockerd also listens at {UntrustedText.Escape(host)}, past the gate at {facts.GateSocket}: there nobody sees builds or who calls; "
        + "take it out of hosts in daemon.json and of dockerd's command line");

    private static IEnumerable<string> OfBuilds(HostFacts facts, TrustPolicy policy) =>
        policy is { Mode: not EnforcementMode.Disabled, Builds: PolicyAnswer.Gate } && facts.GateSocket is null
            ? ["builds is \"gate\" and no gate is open here, so every build is refused; run content-trust gate enable"]
            : [];

    private static IEnumerable<string> OfPolicy(TrustPolicy policy)
    {
        (PolicyAnswer Answer, string Warning)[] open =
        [
            (policy.HostAccess, "host-access is \"allow\": the guarantee holds only against callers who do not use it"),
            (policy.Builds, "builds is \"allow\": build steps of unsigned images run on this host"),
            (policy.Swarm, "swarm is \"allow\": managers of a swarm that this engine joins start containers here without a question"),
            (policy.Plugins, "plugins is \"allow\": signed managed plugins may be given rights over the host"),
        ];
        return policy.Mode == EnforcementMode.Disabled ? [] : open.Where(o => o.Answer == PolicyAnswer.Allow).Select(o => o.Warning);
    }

    /// <summary>Major and minor of texts such as <c>28.5.2+dfsg4</c> or <c>29.2.0-rc.1</c>; the newest imaginable when there are none.</summary>
    private static Version Parse(string version)
    {
        var parts = version.Split('.', 3);
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
                ? new Version(major, minor)
                : new Version(int.MaxValue, 0);
    }
}
