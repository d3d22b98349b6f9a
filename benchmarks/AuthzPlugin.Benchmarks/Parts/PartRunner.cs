using AuthzPlugin.Benchmarks.Load;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace AuthzPlugin.Benchmarks.Parts;

/// <summary>
/// BenchmarkDotNet for the parts. It measures one method after another, so a whole run of it, floor and product, is one turn, and there are as
/// many turns as for the other rows. In this process: its own processes would build a project for each turn.
/// </summary>
internal sealed class PartRunner(int runs)
{
    private const double NanosecondsInMicrosecond = 1000;

    private readonly IConfig _config = ManualConfig.CreateEmpty()
        .AddLogger(NullLogger.Instance)
        .WithOptions(ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
        .AddJob(Job.Default
            .WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithStrategy(RunStrategy.Throughput)
            .WithWarmupCount(1)
            .WithIterationCount(3)
            .WithIterationTime(TimeInterval.FromMilliseconds(60)));

    /// <summary>Microseconds of the methods <c>Product</c> and <c>Floor</c> of a class.</summary>
    public Pair Microseconds<TPart>()
    {
        var (figures, floors) = (new List<double>(), new List<double>());
        for (var run = -1; run < runs; run++)
        {
            var reports = BenchmarkRunner.Run<TPart>(_config).Reports;
            if (run >= 0)
            {
                figures.Add(Median("Product"));
                floors.Add(Median("Floor"));
            }

            double Median(string method)
            {
                var report = reports.Single(r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);
                return (report.ResultStatistics?.Median ?? throw new InvalidOperationException($"{typeof(TPart).Name}.{method} was not measured"))
                    / NanosecondsInMicrosecond;
            }
        }

        return Alternating.Of(figures, floors);
    }
}
