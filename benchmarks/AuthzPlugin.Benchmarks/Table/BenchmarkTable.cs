using System.Diagnostics;
using System.Globalization;
using AuthzPlugin.Benchmarks.Processes;

namespace AuthzPlugin.Benchmarks.Table;

/// <summary>All rows, in the order of the targets.</summary>
internal static class BenchmarkTable
{
    public const string QuickOption = "--quick";

    /// <param name="arguments"><see cref="QuickOption"/>, and names of groups of rows; none: all of them.</param>
    public static int Run(Bench bench, IReadOnlyList<string> arguments)
    {
        var scale = arguments.Contains(QuickOption) ? Scale.Quick : Scale.Full;
        (string Name, Func<IEnumerable<Row>> Measure)[] groups =
        [
            ("socket", new SocketRows(bench, scale).Measure),
            ("cold", new ColdRows(bench, scale).Measure),
            ("parts", new PartRows(scale).Measure),
            ("allocations", new AllocationRows(bench, scale).Measure),
            ("process", new ProcessRows(bench, scale).Measure),
        ];
        var wanted = arguments.Where(a => a != QuickOption).ToArray();
        if (wanted.FirstOrDefault(w => groups.All(g => g.Name != w)) is { } unknown)
        {
            Console.Error.WriteLine($"benchmarks: there is no group {unknown}; there are {string.Join(", ", groups.Select(g => g.Name))}");
            return 64;
        }

        var rows = new List<Row>();
        var clock = Stopwatch.StartNew();
        foreach (var group in groups.Where(g => wanted.Length == 0 || wanted.Contains(g.Name)))
        {
            foreach (var row in group.Measure())
            {
                rows.Add(row);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,6:0} s  {row.What}"));
            }
        }

        if (scale == Scale.Quick)
        {
            Console.WriteLine("smoke run: these figures only show that everything works");
        }

        TablePrinter.Print(rows, Console.Out);
        return 0;
    }
}
