using System.Collections.Concurrent;
using AuthzPlugin.Benchmarks.Load;
using AuthzPlugin.Benchmarks.Processes;
using AuthzPlugin.Benchmarks.World;

namespace AuthzPlugin.Benchmarks.Soak;

/// <summary>
/// The mixed load: connections that read, create, start and pull without a pause, as many engines' users together would. What is refused
/// is kept with its reason.
/// </summary>
internal sealed class SoakLoad(Served product, int repositories, CancellationToken stop)
{
    private const int ReadsForEachChange = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private int _created;

    /// <summary>Since the last look; <see cref="TakeReads"/> begins anew.</summary>
    private Latencies _reads = new();
    private Latencies _changes = new();

    /// <summary>How often each reason was given.</summary>
    public ConcurrentDictionary<string, int> Refusals { get; } = new(StringComparer.Ordinal);

    public Latencies TakeReads() => Interlocked.Exchange(ref _reads, new Latencies());

    /// <summary>Of creates, starts and pulls.</summary>
    public Latencies TakeChanges() => Interlocked.Exchange(ref _changes, new Latencies());

    /// <summary>Asks until the stop, on so many connections.</summary>
    public void Run(int connections) => Driver.InParallel(connections, number =>
    {
        using var connection = product.Connect();
        for (var turn = number; !stop.IsCancellationRequested; turn++)
        {
            for (var i = 0; i < ReadsForEachChange; i++)
            {
                _reads.Add(connection.Ask(Messages.Read));
            }

            Change(connection, turn);
            Thread.Sleep(Pause);
        }
    });

    private void Change(PluginConnection connection, int turn)
    {
        var image = $"{Names.App}:{Names.Tag}";
        switch (turn % 4)
        {
            case 0:
                Exchange(connection, Messages.Create(image), Messages.Created(image, 201));
                break;
            case 1:
                Exchange(connection, Messages.Start, Messages.Started);
                break;
            case 2:
                Exchange(connection, Messages.Pull(Names.App), Messages.Pulled(Names.App));
                break;
            default:
                // Other repositories, so that the cache is used and the server is asked.
                var other = $"{Names.Numbered("soak", Interlocked.Increment(ref _created) % repositories)}:{Names.Tag}";
                Exchange(connection, Messages.Create(other), Messages.Created(other, 404));
                break;
        }
    }

    private void Exchange(PluginConnection connection, byte[] question, byte[] report)
    {
        var allowed = connection.TryAsk(question, out var took);
        _changes.Add(took);
        if (allowed)
        {
            connection.TryAsk(report, out _);
        }
        else
        {
            Refusals.AddOrUpdate(Reason(connection.LastAnswer), 1, (_, count) => count + 1);
        }
    }

    // Names and numbers make every sentence another one.
    private static string Reason(string answer)
    {
        var words = answer.Split(' ').Select(w => w.StartsWith("https:", StringComparison.Ordinal) ? "URL" : w.Contains(Names.Registry, StringComparison.Ordinal) ? "IMAGE" : w.Any(char.IsDigit) ? "N" : w);
        return string.Join(' ', words);
    }
}
