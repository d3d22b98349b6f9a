using System.Diagnostics;

namespace AuthzPlugin.Benchmarks.Load;

/// <summary>Questions to one plugin, over one connection or several.</summary>
internal static class Driver
{
    /// <summary>The median time of an answer on one connection, in microseconds.</summary>
    /// <param name="between">Asked after each question and not measured; empty for nothing.</param>
    public static double Microseconds(PluginConnection connection, int questions, ReadOnlySpan<byte> question, ReadOnlySpan<byte> between = default)
    {
        var times = new double[questions];
        for (var i = 0; i < questions; i++)
        {
            times[i] = connection.Ask(question).TotalMicroseconds;
            if (!between.IsEmpty)
            {
                connection.Ask(between);
            }
        }

        return Alternating.Median(times);
    }

    /// <summary>Asks for a while, as <see cref="Microseconds"/> does.</summary>
    public static void WarmUp(PluginConnection connection, TimeSpan time, ReadOnlySpan<byte> question, ReadOnlySpan<byte> between = default)
    {
        const int Questions = 100;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time;)
        {
            Microseconds(connection, Questions, question, between);
        }
    }

    /// <summary>Answers per second on so many connections, each asking as fast as it is answered.</summary>
    public static double PerSecond(string socket, int connections, TimeSpan time, byte[] question)
    {
        long answers = 0;
        var clock = Stopwatch.StartNew();
        InParallel(connections, _ =>
        {
            using var connection = new PluginConnection(socket);
            var mine = 0L;
            while (clock.Elapsed < time)
            {
                connection.Ask(question);
                mine++;
            }

            Interlocked.Add(ref answers, mine);
        });
        return answers / clock.Elapsed.TotalSeconds;
    }

    /// <summary>So many questions in all, on so many connections.</summary>
    public static void Ask(string socket, int connections, long questions, byte[] question) => InParallel(connections, number =>
    {
        using var connection = new PluginConnection(socket);
        for (long i = number; i < questions; i += connections)
        {
            connection.Ask(question);
        }
    });

    /// <summary>A thread for each, since connections block; the first failure of any is thrown.</summary>
    public static void InParallel(int count, Action<int> work)
    {
        var tasks = Enumerable.Range(0, count)
            .Select(i => Task.Factory.StartNew(() => work(i), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        Task.WaitAll(tasks);
    }
}
