using System.Diagnostics;
using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>The first decision about a repository: nothing of it is cached, in memory or on the disk.</summary>
internal sealed class ColdRows(Bench bench, Scale scale)
{
    private const int RepositoriesInRun = 10;

    public IEnumerable<Row> Measure()
    {
        // One more than runs: the first turn warms up.
        var turns = scale.Runs + 1;
        bench.World.PublishMany("warm", turns * RepositoriesInRun);
        bench.World.PublishAlone(turns * 2);
        using var product = bench.Serve();
        using var connection = product.Connect();
        yield return WarmConnections(connection);
        var (cold, lookup) = ColdConnections(connection);
        yield return cold;
        yield return lookup;
    }

    private Row WarmConnections(PluginConnection product)
    {
        using var bare = new BareHttpsClient(bench.World.Authority);
        var (ours, theirs) = (0, 0);
        var pair = Alternating.Measure(
            scale.Runs,
            () => MedianOfRun(() => Decide(product, Names.Numbered("warm", ours++))),
            () => MedianOfRun(() => Fetch(bare, bench.World.Port, Names.Numbered("warm", theirs++))));
        return SocketRows.Of("cold decision, connections warm", pair, "ms", new Target(Compared.Ratio, 1.5));
    }

    /// <summary>Each turn meets a server that has never been asked: the product, a bare client, and a notary process.</summary>
    private (Row Bare, Row Lookup) ColdConnections(PluginConnection product)
    {
        var server = 0;
        var lookups = new List<double>();
        var pair = Alternating.Measure(
            scale.Runs,
            () => Decide(product, Names.Alone(server++)),
            () =>
            {
                // Clients that are new have no connection, whichever server it is.
                var number = Math.Max(0, server - 1);
                lookups.Add(Notary(bench.World.AlonePorts[number], Names.Alone(number)));
                using var bare = new BareHttpsClient(bench.World.Authority);
                return Fetch(bare, bench.World.AlonePorts[number], Names.Alone(number));
            });
        var lookup = Alternating.Median(lookups.Skip(1));
        return (
            SocketRows.Of("cold decision, connections cold", pair, "ms", new Target(Compared.Ratio, 1.3)),
            new Row("the same, against a notary lookup process", pair.Figure, lookup, pair.Figure / lookup, "ms", new Target(Compared.Ratio, 0.25)));
    }

    /// <summary>Milliseconds to the answer; the engine's report that follows is not part of it.</summary>
    private static double Decide(PluginConnection product, string repository)
    {
        var image = $"{repository}:{Names.Tag}";
        var time = product.Ask(Messages.Create(image));
        product.Ask(Messages.Created(image, 404));
        return time.TotalMilliseconds;
    }

    private static double Fetch(BareHttpsClient client, int port, string repository)
    {
        var started = Stopwatch.GetTimestamp();
        client.FetchAsync(SimulatedWorld.UrlOf(port), repository).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private double Notary(int port, string repository)
    {
        var memory = Directory.CreateTempSubdirectory("notary-");
        try
        {
            var server = SimulatedWorld.UrlOf(port).ToString().TrimEnd('/');
            string[] words = ["-s", server, "--tlscacert", bench.World.Authority, "-d", memory.FullName, "lookup", repository, Names.Tag];
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo("notary", words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? Stopwatch.GetElapsedTime(started).TotalMilliseconds
                : throw new InvalidOperationException($"notary lookup ended with {process.ExitCode}: {said}");
        }
        finally
        {
            memory.Delete(recursive: true);
        }
    }

    private static double MedianOfRun(Func<double> time) => Alternating.Median(Enumerable.Range(0, RepositoriesInRun).Select(_ => time()));
}
