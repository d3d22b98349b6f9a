using System.Diagnostics;
using System.Globalization;
using AuthzPlugin.Benchmarks.Charts;
using AuthzPlugin.Benchmarks.Processes;

namespace AuthzPlugin.Benchmarks.Soak;

/// <summary>A soak: mixed load and disturbances for minutes, with everything that could grow written down, and a picture of it.</summary>
internal sealed class SoakRun(Bench bench)
{
    private const int Connections = 8;
    private const int Repositories = 200;
    private const string Heading = "seconds,memory-mib,handles,threads,reads,read-p50-ms,read-p99-ms,read-p99.9-ms,changes,change-p50-ms,change-p99-ms,change-p99.9-ms,refused,event";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly List<Sample> _samples = [];
    private readonly Latencies _reads = new();
    private readonly Latencies _changes = new();

    /// <param name="output">A folder that gets <c>soak.csv</c> and <c>soak.svg</c>.</param>
    public int Run(TimeSpan time, string output)
    {
        bench.World.PublishMany("soak", Repositories);
        using var product = bench.Serve(freshness: "5s");
        using var stop = new CancellationTokenSource(time);
        var load = new SoakLoad(product, Repositories, stop.Token);
        var disturbances = new Disturbances(bench, product, Repositories);
        using (var csv = new StreamWriter(Path.Combine(output, "soak.csv")))
        {
            csv.WriteLine(Heading);
            var working = Task.Run(() => load.Run(Connections));
            var clock = Stopwatch.StartNew();
            while (!stop.Token.WaitHandle.WaitOne(Interval) && !working.IsCompleted)
            {
                var happened = disturbances.Next();
                csv.WriteLine(Look(product, load, clock.Elapsed, happened));
                csv.Flush();
            }

            working.GetAwaiter().GetResult();
            if (disturbances.IsServerAway)
            {
                bench.World.BringServerBack();
            }
        }

        File.WriteAllText(Path.Combine(output, "soak.svg"), Picture());
        Summarise(load);
        return 0;
    }

    private string Look(Served product, SoakLoad load, TimeSpan at, string happened)
    {
        var (reads, changes) = (load.TakeReads(), load.TakeChanges());
        _reads.Add(reads);
        _changes.Add(changes);
        var sample = new Sample(
            at.TotalSeconds, product.Memory, product.Handles, product.Threads, reads.Milliseconds(0.999), changes.Milliseconds(0.999));
        _samples.Add(sample);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sample.Seconds:0},{sample.Memory:0.0},{sample.Handles},{sample.Threads},{Figures(reads)},{Figures(changes)},{load.Refusals.Values.Sum()},{happened}");
    }

    private static string Figures(Latencies times) => string.Create(
        CultureInfo.InvariantCulture, $"{times.Count},{times.Milliseconds(0.5):0.000},{times.Milliseconds(0.99):0.000},{times.Milliseconds(0.999):0.000}");

    private string Picture()
    {
        Series Line(string name, Func<Sample, double> value) => new(name, [.. _samples.Select(s => (s.Seconds / 60, value(s)))]);
        return ChartWriter.Write(
            new Chart("resident memory", "minutes", "MiB", [Line("memory", s => s.Memory)]),
            new Chart("handles and threads", "minutes", "", [Line("handles", s => s.Handles), Line("threads", s => s.Threads)]),
            new Chart("latency, p99.9 of 5 seconds", "minutes", "ms", [Line("reads", s => s.ReadTail), Line("changes", s => s.ChangeTail)]));
    }

    /// <summary>The first fifth warms up; growth is what the last fifth has more than the second.</summary>
    private void Summarise(SoakLoad load)
    {
        const int Parts = 5;
        Sample[] Part(int number) => [.. _samples.Where((_, i) => i * Parts / _samples.Count == number)];
        var (early, late) = (Part(1), Part(Parts - 1));
        void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, times) in ((string, Latencies)[])[("reads", _reads), ("creates, starts, pulls", _changes)])
        {
            Say($"{name}: {times.Count:#,0}, p50 {times.Milliseconds(0.5):0.000} ms, p99 {times.Milliseconds(0.99):0.000} ms, p99.9 {times.Milliseconds(0.999):0.000} ms, longest {times.Milliseconds(1):0.000} ms");
        }

        if (early.Length > 0 && late.Length > 0)
        {
            Say($"memory: {early.Average(s => s.Memory):0.0} MiB in the second fifth, {late.Average(s => s.Memory):0.0} MiB in the last");
            Say($"handles: {early.Average(s => s.Handles):0} and {late.Average(s => s.Handles):0}; threads: {early.Average(s => s.Threads):0} and {late.Average(s => s.Threads):0}");
        }

        Say($"refused: {load.Refusals.Values.Sum():#,0}, each with its reason:");
        foreach (var (reason, count) in load.Refusals.OrderByDescending(r => r.Value))
        {
            Say($"  {count:#,0}: {reason}");
        }
    }

    private sealed record Sample(double Seconds, double Memory, int Handles, int Threads, double ReadTail, double ChangeTail);
}
