using System.Globalization;
using AuthzPlugin.Benchmarks.Growth;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.Soak;
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

    case ["growth", var product, var floor, var picture, .. var rest]:
        using (var bench = new Bench(product, floor, Directory.CreateTempSubdirectory("ct-benchmarks-").FullName))
        {
            return new GrowthRun(bench, quick: rest.Length > 0).Run(picture);
        }

    case ["soak", var product, var floor, var minutes, var output]:
        using (var bench = new Bench(product, floor, Directory.CreateTempSubdirectory("ct-benchmarks-").FullName))
        {
            return new SoakRun(bench).Run(TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)), output);
        }

    default:
        await Console.Error.WriteLineAsync("usage: benchmarks table|growth|soak PRODUCT FLOOR ...; started by run.sh, growth.sh and soak.sh");
        return 64;
}
