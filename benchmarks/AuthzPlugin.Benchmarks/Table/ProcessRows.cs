using System.Globalization;
using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>Start, memory and size of the program.</summary>
internal sealed class ProcessRows(Bench bench, Scale scale)
{
    private const int Connections = 16;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1.5);

    public IEnumerable<Row> Measure()
    {
        var (start, idle) = Starts();
        yield return start;
        yield return idle;
        yield return AfterManyRequests();
        yield return WithManyRepositories();
        const double Mebibyte = 1 << 20;
        var (size, floor) = (new FileInfo(bench.Product).Length / Mebibyte, new FileInfo(bench.Floor).Length / Mebibyte);
        yield return new Row("binary, self-contained and trimmed", size, floor, size / floor, "MiB", new Target(Compared.Figure, 50));
    }

    /// <summary>Each start is a new process; memory is what it has after a rest.</summary>
    private (Row Start, Row Idle) Starts()
    {
        var (memory, floorMemory) = (new List<double>(), new List<double>());
        var start = Alternating.Measure(scale.Runs, () => StartOnce(() => bench.Serve(), memory), () => StartOnce(() => bench.ServeFloor(), floorMemory));
        var idle = Alternating.Of([.. memory.Skip(1)], [.. floorMemory.Skip(1)]);
        return (
            SocketRows.Of("start to first answer", start, "ms", new Target(Compared.Ratio, 1.3)),
            SocketRows.Of("resident memory, idle", idle, "MiB", new Target(Compared.Ratio, 1.4)));
    }

    private static double StartOnce(Func<Served> serve, List<double> memory)
    {
        using var served = serve();
        Thread.Sleep(Rest);
        memory.Add(served.Memory);
        return served.FirstAnswer.TotalMilliseconds;
    }

    private Row AfterManyRequests()
    {
        using var product = bench.Serve();
        Thread.Sleep(Rest);
        var idle = product.Memory;
        Driver.Ask(product.Socket, Connections, scale.ManyRequests, Messages.Read);
        Thread.Sleep(Rest);
        var memory = product.Memory;
        return new Row(Text($"resident memory after {scale.ManyRequests:#,0} requests, floor: idle"), memory, idle, memory / idle, "MiB", new Target(Compared.Difference, 15));
    }

    private Row WithManyRepositories()
    {
        bench.World.PublishMany("many", scale.Repositories);
        using var product = bench.Serve();
        Thread.Sleep(Rest);
        var idle = product.Memory;
        using var connection = product.Connect();
        for (var i = 0; i < scale.Repositories; i++)
        {
            var image = $"{Names.Numbered("many", i)}:{Names.Tag}";
            connection.Ask(Messages.Create(image));
            connection.Ask(Messages.Created(image, 404));
        }

        Thread.Sleep(Rest);
        var memory = product.Memory;
        return new Row(Text($"resident memory with {scale.Repositories:#,0} cached repositories, floor: idle"), memory, idle, memory / idle, "MiB", new Target(Compared.Difference, 60));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
