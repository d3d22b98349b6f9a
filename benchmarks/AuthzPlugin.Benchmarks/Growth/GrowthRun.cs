using System.Diagnostics;
using System.Globalization;
using AuthzPlugin.Benchmarks.Charts;
using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Parts;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Growth;

/// <summary>How each cost grows with what there is more of: data as CSV, and a picture of it.</summary>
internal sealed class GrowthRun(Bench bench, bool quick)
{
    private const int Times = 5;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(0.1);

    /// <param name="picture">Where the SVG is written.</param>
    public int Run(string picture)
    {
        Chart[] charts = [Tags(), Pins(), Repositories(), Connections(), Bodies()];
        Console.WriteLine("what,x,series,y");
        foreach (var chart in charts)
        {
            foreach (var series in chart.Series)
            {
                foreach (var (x, y) in series.Points)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chart.Title},{x},{series.Name},{y:0.####}"));
                }
            }
        }

        File.WriteAllText(picture, ChartWriter.Write(charts));
        return 0;
    }

    private Chart Tags()
    {
        int[] counts = quick ? [10, 1000] : [10, 1000, 10_000, 25_000, 50_000, 75_000];
        var (product, floor) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (var count in counts)
        {
            var part = new ReadingLargeTargets(SignedFiles.Make(new Publisher().Repository(Names.App, count)));
            var pair = Measure(1, part.Product, part.Floor);
            product.Add((count, pair.Figure / 1000));
            floor.Add((count, pair.Floor / 1000));
        }

        return new Chart("verify a repository and find a tag by name and by digest", "tags", "ms", [new("product", product), new("floor", floor)]);
    }

    private Chart Pins()
    {
        const int Matches = 20_000;
        int[] counts = quick ? [10, 100] : [10, 100, 1000, 10_000];
        var (product, floor) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (var count in counts)
        {
            var part = new MatchingPins(count);
            var pair = Measure(Matches, part.Product, part.Floor);
            product.Add((count, pair.Figure * 1000));
            floor.Add((count, pair.Floor * 1000));
        }

        return new Chart("match one repository with the pins", "pins", "ns", [new("product", product), new("floor", floor)], LogarithmicX: true);
    }

    private Chart Repositories()
    {
        var count = quick ? 20 : 1000;
        var steps = quick ? 2 : 10;
        bench.World.PublishMany("grown", count);
        using var product = bench.Serve();
        using var connection = product.Connect();
        Thread.Sleep(Rest);
        var points = new List<(double, double)> { (0, product.Memory) };
        for (var i = 0; i < count; i++)
        {
            var image = $"{Names.Numbered("grown", i)}:{Names.Tag}";
            connection.Ask(Messages.Create(image));
            connection.Ask(Messages.Created(image, 404));
            if ((i + 1) % (count / steps) == 0)
            {
                Thread.Sleep(Rest);
                points.Add((i + 1, product.Memory));
            }
        }

        return new Chart("resident memory", "cached repositories", "MiB", [new("product", points)]);
    }

    private Chart Connections()
    {
        int[] counts = quick ? [1, 4] : [1, 2, 4, 8, 16, 32, 64];
        var time = TimeSpan.FromSeconds(quick ? 0.1 : 1);
        using var product = bench.Serve();
        using var bare = bench.ServeFloor();
        var (ours, floor) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (var count in counts)
        {
            var pair = Alternating.Measure(
                Times, () => Driver.PerSecond(product.Socket, count, time, Messages.Read), () => Driver.PerSecond(bare.Socket, count, time, Messages.Read));
            ours.Add((count, pair.Figure));
            floor.Add((count, pair.Floor));
        }

        return new Chart("answers to reads", "concurrent requests", "per second", [new("product", ours), new("floor", floor)], LogarithmicX: true);
    }

    private Chart Bodies()
    {
        const int Reads = 50;
        int[] kibibytes = quick ? [1, 64] : [1, 16, 64, 256, 1024, 4096];
        var (product, floor) = (new List<(double, double)>(), new List<(double, double)>());
        foreach (var size in kibibytes)
        {
            var part = new ReadingBodies(size * 1024);
            var pair = Measure(Reads, part.Product, part.Floor);
            product.Add((size, pair.Figure / 1000));
            floor.Add((size, pair.Floor / 1000));
        }

        return new Chart("read the JSON body of a create", "KiB", "ms", [new("product", product), new("floor", floor)], LogarithmicX: true);
    }

    /// <summary>Microseconds of both, by turns, once the runtime has compiled what they consist of: otherwise the first points would cost most.</summary>
    private Pair Measure<TProduct, TFloor>(int times, Func<TProduct> product, Func<TFloor> floor)
    {
        var warmUp = quick ? Quickly : WarmUp;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < warmUp;)
        {
            Time(times, product);
            Time(times, floor);
        }

        return Alternating.Measure(Times, () => Time(times, product), () => Time(times, floor));
    }

    /// <summary>Microseconds for one.</summary>
    private static double Time<T>(int times, Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            _ = work();
        }

        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / times;
    }
}
