using AuthzPlugin.Benchmarks.Parts;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>The rows about parts of the program, measured inside of a process.</summary>
internal sealed class PartRows(Scale scale)
{
    public IEnumerable<Row> Measure()
    {
        var parts = new PartRunner(scale.Runs);
        yield return SocketRows.Of("verify a repository of four files", parts.Microseconds<VerifyingFourFiles>(), "µs", new Target(Compared.Ratio, 1.5));
        yield return SocketRows.Of("targets.json with 75 000 tags, cold", parts.Microseconds<ReadingLargeTargets>(), "µs", new Target(Compared.Ratio, 3));
        yield return SocketRows.Of("tag look-up in it, warm", parts.Microseconds<FindingTags>(), "µs", new Target(Compared.Ratio, 2));
        yield return SocketRows.Of("digest reverse look-up in it, warm", parts.Microseconds<FindingDigests>(), "µs", new Target(Compared.Ratio, 2));
        yield return SocketRows.Of("match one repository in 10 000 pins", parts.Microseconds<MatchingPins>(), "µs", new Target(Compared.Ratio, 5));
        yield return SocketRows.Of("JSON request body of 1 MiB", parts.Microseconds<ReadingBodies>(), "µs", new Target(Compared.Ratio, 2));
    }
}
