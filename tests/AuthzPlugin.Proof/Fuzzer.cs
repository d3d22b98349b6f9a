using System.Diagnostics;
using System.Globalization;

namespace AuthzPlugin.Proof;

/// <summary>Random inputs to every parser of untrusted data for a number of seconds. A failing input is written to a file.</summary>
internal static class Fuzzer
{
    private const int Batch = 50;

    internal static int Run(string seconds, int seed, string folder)
    {
        var time = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
        Console.WriteLine($"seed {seed}");
        var mutator = new Mutator(new Random(seed));
        FuzzTarget[] targets = [.. TrustTargets.All, .. SignatureTargets.All, .. NotationTargets.All, .. EngineTargets.All, .. GateTargets.All, .. BuildTargets.All];
        var tried = targets.ToDictionary(t => t, _ => 0L);
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        for (var i = 0; watch.Elapsed < time; i++)
        {
            var target = targets[i % targets.Length];
            for (var n = 0; n < Batch; n++)
            {
                tried[target]++;
                Try(target, mutator.Next(target.Seeds), seed, folder, failures);
            }
        }

        foreach (var (target, count) in tried)
        {
            Console.WriteLine($"{target.Name}: {count} inputs");
        }

        Console.WriteLine($"figure: fuzz inputs tried {tried.Values.Sum()} in {time.TotalSeconds:0} s, failures {failures.Count} (seed {seed})");
        return failures.Count == 0 ? 0 : 1;
    }

    // One report for each kind of failure: a fuzzer finds the same thing again and again.
    private static void Try(FuzzTarget target, byte[] input, int seed, string folder, Dictionary<string, string> failures)
    {
        string? problem;
        try
        {
            problem = target.Run(input);
        }
#pragma warning disable CA1031 // Any exception is what is looked for here.
        catch (Exception e)
#pragma warning restore CA1031
        {
            problem = $"{e.GetType().Name} {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }

        if (problem is not null && failures.TryAdd($"{target.Name} {problem.Split(' ')[0]}", problem))
        {
            var path = Path.Combine(folder, $"fuzz-{target.Name}-{seed}-{failures.Count}.bin");
            File.WriteAllBytes(path, input);
            Console.WriteLine($"FAILED {target.Name}: {problem}\n  input in {path}");
        }
    }
}
