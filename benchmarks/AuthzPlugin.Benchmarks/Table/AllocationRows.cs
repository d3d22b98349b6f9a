using AuthzPlugin.Benchmarks.Parts;
using AuthzPlugin.Benchmarks.Processes;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>What is allocated for a request, counted by the runtime of this process.</summary>
internal sealed class AllocationRows(Bench bench, Scale scale)
{
    private const int BodiesForCount = 30;

    public IEnumerable<Row> Measure()
    {
        var bytes = InProcessServers.AllocationsAsync(bench, scale.Runs, scale.Questions).GetAwaiter().GetResult();
        yield return SocketRows.Of("allocations per read request", bytes, "B", new Target(Compared.Difference, 1024));
        yield return new Row("large objects allocated for a JSON body of 1 MiB", LargeObjectsForABody(), null, null, "", new Target(Compared.Figure, 0));
    }

    /// <summary>Per body, once what is kept for the next ones is there.</summary>
    private static double LargeObjectsForABody()
    {
        var bodies = new ReadingBodies();
        using var counter = new LargeObjects();
        _ = bodies.ReadAndUnderstand();
        var before = counter.CountNow();
        for (var i = 0; i < BodiesForCount; i++)
        {
            _ = bodies.ReadAndUnderstand();
        }

        return (counter.CountNow() - before) / (double)BodiesForCount;
    }
}
