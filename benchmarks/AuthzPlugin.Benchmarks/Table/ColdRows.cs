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
        var (cold, lookup) = ColdConnections(connection, firstServer: 0);
        yield return cold;
        yield return lookup;
    }

    private Row WarmConnections(PluginConnection product)
    {
        using var bare = new BareHttpsClient(bench.World.Authority);
        var (ours, theirs) = (0, 0);
        var pair = Alternating.Measure(
            scale.Runs,
            () => Milliseconds(RepositoriesInRun, () => Decide(product, Names.Numbered("warm", ours++))),
            () => Milliseconds(RepositoriesInRun, () => Fetch(bare, bench.World.Port, Names.Numbered("warm", theirs++))));
        return SocketRows.Of("cold decision, connections warm", pair, "ms", new Target(Compared.Ratio, 1.5));
    }

    /// <summary>Each turn meets a server that has never been asked: the product, a bare client, and a notary process.</summary>
    private (Row Bare, Row Lookup) ColdConnections(PluginConnection product, int firstServer)
    {
        var server = firstServer;
        var lookups = new List<double>();
        var pair = Alternating.Measure(
            scale.Runs,
            () => Milliseconds(1, () => Decide(product, Names.Alone(server++))),
            () =>
            {
                // The server before the next one has been asked by the product at most.
                var number = Math.Max(0, server - 1);
                var time = Milliseconds(1, () =>
                {
                    using var bare = new BareHttpsClient(bench.World.Authority);
                    Fetch(bare, bench.World.AlonePorts[number], Names.Alone(number));
                });
                lookups.Add(Milliseconds(1, () => Notary(bench.World.AlonePorts[number], Names.Alone(number))));
                return time;
            });
        var lookup = Alternating.Median(lookups.Skip(1));
        return (
            SocketRows.Of("cold decision, connections cold", pair, "ms", new Target(Compared.Ratio, 1.3)),
            new Row("the same, against a notary lookup process", pair.Figure, lookup, pair.Figure / lookup, "ms", new Target(Compared.Ratio, 0.25)));
    }

    private static void Decide(PluginConnection product, string repository)
    {
        var image = $"{repository}:{Names.Tag}";
        product.Ask(Messages.Create(image));
        product.Ask(Messages.Created(image, 404));
    }

    private static void Fetch(BareHttpsClient client, int port, string repository) =>
        client.FetchAsync(SimulatedWorld.UrlOf(port), repository).GetAwaiter().GetResult();

    private void Notary(int port, string repository)
    {
        var memory = Directory.CreateTempSubdirectory("notary-");
        try
        {
            string[] words = ["-s", SimulatedWorld.UrlOf(port).ToString(), "--tlscacert", bench.World.Authority, "-d", memory.FullName, "lookup", repository, Names.Tag];
            using var process = Process.Start(new ProcessStartInfo("notary", words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"notary lookup ended with {process.ExitCode}: {said}");
            }
        }
        finally
        {
            memory.Delete(recursive: true);
        }
    }

    private static double Milliseconds(int times, Action work)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            work();
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds / times;
    }
}
