using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>The rows about answers over the real socket whose trust data and approvals are there.</summary>
internal sealed class SocketRows(Bench bench, Scale scale)
{
    private const int Connections = 16;
    private const int ReportBytes = 64 << 20;
    private const int ReportsInRun = 5;

    /// <summary>A create takes an exchange more, which is not measured.</summary>
    private const int ReadsForACreate = 8;

    private static readonly string Image = $"{Names.App}:{Names.Tag}";

    public IEnumerable<Row> Measure()
    {
        using (var product = bench.Serve(freshness: "24h"))
        {
            using var floor = bench.ServeFloor();
            yield return OneConnection(product, floor);
            yield return ManyConnections(product, floor);
            foreach (var row in Report(product, floor))
            {
                yield return row;
            }

            using var floorOfCreate = bench.ServeFloorOfCreate();
            yield return Create("AuthZReq for create, trust data fresh", product, floorOfCreate, new Target(Compared.Ratio, 1.25));
            using var floorOfStart = bench.ServeFloorOfStart();
            yield return Start(product, floorOfStart);
        }

        using (var product = bench.Serve(freshness: "24h", ("audit-flush", "0s")))
        {
            using var floor = bench.ServeFloorOfCreate("--record", bench.PathOf("records"));
            yield return Create("the same with an fsync per record (audit-flush 0; floor: one fsync)", product, floor, null);
        }
    }

    private Row OneConnection(Served product, Served floor)
    {
        using var ours = product.Connect();
        using var bare = floor.Connect();
        Driver.WarmUp(ours, scale.WarmUp, Messages.Read);
        Driver.WarmUp(bare, scale.WarmUp, Messages.Read);
        var pair = Alternating.Measure(
            scale.Runs, () => Driver.Microseconds(ours, scale.Questions, Messages.Read), () => Driver.Microseconds(bare, scale.Questions, Messages.Read));
        return Of("AuthZReq for a read, one connection", pair, "µs", new Target(Compared.Ratio, 1.15));
    }

    private Row ManyConnections(Served product, Served floor)
    {
        var pair = Alternating.Measure(
            scale.Runs,
            () => Driver.PerSecond(product.Socket, Connections, scale.Time, Messages.Read),
            () => Driver.PerSecond(floor.Socket, Connections, scale.Time, Messages.Read));
        return Of("AuthZReq for a read, 16 connections", pair, "/s", new Target(Compared.Ratio, 0.85, AtMost: false));
    }

    private IEnumerable<Row> Report(Served product, Served floor)
    {
        var report = Messages.LargeReport(ReportBytes);
        var megabytes = report.Length / 1e6;
        using var ours = product.Connect();
        using var bare = floor.Connect();
        double before = 0;
        var pair = Alternating.Measure(
            scale.Runs,
            () =>
            {
                var speed = Speed(ours);
                before = before == 0 ? product.Memory : before;
                return speed;
            },
            () => Speed(bare));
        yield return Of("AuthZRes with a 64 MiB body", pair, "MB/s", new Target(Compared.Ratio, 0.9, AtMost: false));
        yield return new Row(
            $"resident memory of the service after {scale.Runs * ReportsInRun} more of them", product.Memory, before, product.Memory / before, "MiB", new Target(Compared.Difference, 5));

        double Speed(PluginConnection connection) =>
            megabytes / Alternating.Median(Enumerable.Range(0, ReportsInRun).Select(_ => connection.Ask(report).TotalSeconds));
    }

    private Row Create(string what, Served product, Served floor, Target? target)
    {
        var (question, undo) = (Messages.Create(Image), Messages.Created(Image, 404));
        var creates = scale.Questions / ReadsForACreate;
        using var ours = product.Connect();
        using var bare = floor.Connect();
        Driver.WarmUp(ours, scale.WarmUp, question, undo);
        Driver.WarmUp(bare, scale.WarmUp, question);
        var pair = Alternating.Measure(
            scale.Runs, () => Driver.Microseconds(ours, creates, question, undo), () => Driver.Microseconds(bare, creates, question));
        return Of(what, pair, "µs", target);
    }

    private Row Start(Served product, Served floor)
    {
        var starts = scale.Questions / ReadsForACreate;
        using var ours = product.Connect();
        using var bare = floor.Connect();
        ours.Ask(Messages.Create(Image));
        ours.Ask(Messages.Created(Image, 201));
        Driver.WarmUp(ours, scale.WarmUp, Messages.Start, Messages.Started);
        Driver.WarmUp(bare, scale.WarmUp, Messages.Start);
        var pair = Alternating.Measure(
            scale.Runs,
            () => Driver.Microseconds(ours, starts, Messages.Start, Messages.Started),
            () => Driver.Microseconds(bare, starts, Messages.Start));
        return Of("start with an approval", pair, "µs", new Target(Compared.Ratio, 1.2));
    }

    internal static Row Of(string what, Pair pair, string unit, Target? target) => new(what, pair.Figure, pair.Floor, pair.Ratio, unit, target);
}
