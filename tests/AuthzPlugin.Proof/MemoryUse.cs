using System.Globalization;

namespace AuthzPlugin.Proof;

/// <summary>
/// The highest memory of this process (VmHWM) while a large repository is fetched, verified, stored, answered and read back from disk, above
/// what it has when it idles after a small one.
/// </summary>
internal static class MemoryUse
{
    internal static async Task<int> RunAsync(Uri server, string folder, string large, string small, string pin)
    {
        await using (var client = new Client(server, folder, pin))
        {
            await client.GetAsync(small);
            var idle = Idle();
            var signed = await client.GetAsync(large);
            var first = signed.Tags.FindTag("tag-74999") is { } tag ? signed.Tags.FindDigest(tag.Digest).Count : 0;
            var peak = Kilobytes("VmHWM");
            var kept = Idle();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"idle {idle} peak {peak} kept {kept} tags {first}"));
        }

        await using var again = new Client(server, folder, pin);
        await again.GetAsync(small);
        var idleAgain = Idle();
        await again.GetAsync(large);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"idle {idleAgain} peak {Kilobytes("VmHWM")} kept {Idle()} tags 1"));
        return 0;
    }

    private static long Idle()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Kilobytes("VmRSS");
    }

    private static long Kilobytes(string field)
    {
        var line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
