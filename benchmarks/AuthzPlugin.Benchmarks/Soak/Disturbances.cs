using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Soak;

/// <summary>What happens to the service meanwhile, over and over: reloads, rotated keys, and a trust server that goes away and comes back.</summary>
internal sealed class Disturbances(Bench bench, Served product, int repositories)
{
    private const int Outage = 3, Return = 5, Cycle = 8;

    private int _step;

    /// <summary>Whether the trust server is away.</summary>
    public bool IsServerAway { get; private set; }

    /// <summary>The next of them; says which it was.</summary>
    public string Next()
    {
        var step = _step++;
        switch (step % Cycle)
        {
            case Outage:
                bench.World.TakeServerAway();
                IsServerAway = true;
                return "trust server away";
            case Return:
                bench.World.BringServerBack();
                IsServerAway = false;
                return "trust server back";
            case 1 or 6:
                var name = Names.Numbered("soak", step % repositories);
                bench.World.Rotate(name);
                return "keys rotated";
            default:
                // Every other reload has a changed policy.
                bench.WritePolicy(Path.Combine(Path.GetDirectoryName(product.Socket)!, "daemon.json"), step % 2 == 0 ? "5s" : "4s");
                product.Signal("HUP");
                return "policy reloaded";
        }
    }
}
