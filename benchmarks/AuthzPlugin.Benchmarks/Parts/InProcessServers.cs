using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Floor;
using AuthzPlugin.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// Product and floor in this process, where the runtime says how many bytes were allocated. The client allocates nothing for a question.
/// </summary>
internal static class InProcessServers
{
    /// <summary>Bytes that are allocated for a read.</summary>
    public static async Task<Pair> AllocationsAsync(Bench bench, int runs, int questions)
    {
        var home = bench.PathOf("in-process");
        Directory.CreateDirectory(home);
        var policyFile = Path.Combine(home, "daemon.json");
        bench.WritePolicy(policyFile, "24h");
        var settings = new ServiceSettings
        {
            Socket = Path.Combine(home, "plugin.sock"),
            EngineSocket = bench.World.EngineSocket,
            StateDir = Path.Combine(home, "state"),
            AuditFile = Path.Combine(home, "audit.log"),
            DaemonConfig = policyFile,
        };
        var holder = new PolicyHolder(new PolicyLoader(new PolicyPaths(policyFile, Path.Combine(home, "none.json"))).Load, TimeProvider.System);
        var policy = holder.State is GoodPolicy good ? good.Policy : throw new InvalidOperationException("the policy is not good");
        await using var parts = new ServiceParts(
            settings, () => new PolicyInForce(policy, ""), new BreakGlass(settings.StateDir, TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance);
        await using var server = UnixSocketServer.Create(parts.Endpoint.HandleAsync, settings.Socket, null, TimeSpan.Zero);
        await server.StartAsync(CancellationToken.None);
        var bareSocket = Path.Combine(home, "floor.sock");
        await using var bareServer = FloorServer.Create(new FloorOptions(bareSocket));
        await bareServer.StartAsync();
        using var connection = new PluginConnection(settings.Socket);
        using var bare = new PluginConnection(bareSocket);
        return Alternating.Measure(runs, () => BytesPerQuestion(connection, questions), () => BytesPerQuestion(bare, questions));
    }

    private static double BytesPerQuestion(PluginConnection connection, int questions)
    {
        // What a started request allocates once, such as pooled buffers, is not its cost.
        connection.Ask(Messages.Read);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < questions; i++)
        {
            connection.Ask(Messages.Read);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)questions;
    }
}
