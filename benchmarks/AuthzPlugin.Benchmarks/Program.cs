using System.Globalization;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.Table;
using AuthzPlugin.Benchmarks.World;

// benchmarks/run.sh, growth.sh and soak.sh start this; what they print stands in docs/performance.md.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["world", var folder]:
        return await WorldProcess.RunAsync(folder);
    case ["table", var product, var floor, .. var rest]:
        using (var bench = new Bench(product, floor, Directory.CreateTempSubdirectory("ct-benchmarks-").FullName))
        {
            return BenchmarkTable.Run(bench, rest);
        }

    default:
        await Console.Error.WriteLineAsync("usage: benchmarks table PRODUCT FLOOR [--quick] [PART ...]; see benchmarks/run.sh");
        return 64;
}
