using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>
/// Looks after the audit log while the service runs: puts lines on the disk, writes counts of floods that are over, and says the end of
/// the chain in the log every minute and at the stop. Whoever keeps that line on another machine can prove the log up to it.
/// </summary>
public sealed class AuditKeeper(AuditLog audit, TimeSpan flush, TimeProvider time, ILogger<AuditKeeper> logger)
{
    private static readonly TimeSpan HeadInterval = TimeSpan.FromMinutes(1);

    /// <summary>How often counts of floods are looked through; with a flush before every answer, how often the rest is done.</summary>
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    private AuditHead? _said;
    private string? _problem;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var saidAt = time.GetTimestamp();
        var countedAt = saidAt;
        using var timer = new PeriodicTimer(flush > TimeSpan.Zero ? flush : CountInterval, time);
        while (await WaitAsync(timer, cancellation).ConfigureAwait(false))
        {
            if (time.GetElapsedTime(countedAt) >= CountInterval)
            {
                countedAt = time.GetTimestamp();
                Try(() => audit.WriteCounted());
            }

            Try(audit.Flush);
            if (time.GetElapsedTime(saidAt) >= HeadInterval)
            {
                saidAt = time.GetTimestamp();
                SayHead();
            }
        }
    }

    /// <summary>The last thing that is done with the log.</summary>
    public void Stop()
    {
        Try(() =>
        {
            audit.WriteCounted(all: true);
            audit.Flush();
        });
        SayHead();
    }

    private void SayHead()
    {
        var head = audit.Head;
        if (head == _said)
        {
            return;
        }

        _said = head;
        Log.Head(logger, head);
        Try(audit.KeepHead);
    }

    private void Try(Action act)
    {
        try
        {
            act();
            Say(audit.Problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(e.Message);
        }
    }

    private void Say(string? problem)
    {
        if (problem is not null && problem != _problem)
        {
            Log.Problem(logger, problem);
        }

        _problem = problem;
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
