using AuthzPlugin.Benchmarks.Parts;
using AuthzPlugin.Benchmarks.Processes;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>The rows about parts of the program, measured inside of a process.</summary>
internal sealed class PartRows(Bench bench, Scale scale)
{
    private const int BodiesForCount = 30;

    public IEnumerable<Row> Measure()
    {
        var parts = new PartRunner(scale.Runs);
        yield return SocketRows.Of("verify a repository of four files", parts.Microseconds<VerifyingFourFiles>(), "µs", new Target(Compared.Ratio, 1.5));
        yield return SocketRows.Of("targets.json with 75 000 tags, cold", parts.Microseconds<ReadingLargeTargets>(), "µs", new Target(Compared.Ratio, 3));
        yield return SocketRows.Of("tag look-up in it, warm", parts.Microseconds<FindingTags>(), "µs", new Target(Compared.Ratio, 2));
        yield return SocketRows.Of("digest reverse look-up in it, warm", parts.Microseconds<FindingDigests>(), "µs", new Target(Compared.Ratio, 2));
        yield return SocketRows.Of("match one repository in 10 000 pins", parts.Microseconds<MatchingPins>(), "µs", new Target(Compared.Ratio, 5));
        yield return SocketRows.Of("JSON request body of 1 MiB", parts.Microseconds<ReadingBodies>(), "µs", new Target(Compared.Ratio, 2));
        yield return new Row("large objects allocated for one", LargeObjectsForABody(), null, null, "", new Target(Compared.Figure, 0));
        var bytes = InProcessServers.AllocationsAsync(bench, scale.Runs, scale.Questions).GetAwaiter().GetResult();
        yield return SocketRows.Of("allocations per read request", bytes, "B", new Target(Compared.Difference, 1024));
    }

    /// <summary>Per body, once what is kept for the next ones is there.</summary>
    private static double LargeObjectsForABody()
    {
        var bodies = new ReadingBodies();
        using var counter = new LargeObjects();
        _ = bodies.Product();
        var before = counter.Count;
        for (var i = 0; i < BodiesForCount; i++)
        {
            _ = bodies.Product();
        }

        return (counter.Count - before) / (double)BodiesForCount;
    }
}
