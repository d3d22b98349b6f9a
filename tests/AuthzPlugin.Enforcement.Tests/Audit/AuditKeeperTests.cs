using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Testing.Time;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Tests.Audit;

/// <summary>What happens to the audit log by itself: flushes, counts of floods, and heads in the log every minute and at the stop.</summary>
#pragma warning disable CA1001 // xunit calls IAsyncLifetime.DisposeAsync.
public sealed class AuditKeeperTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private static readonly TimeSpan Flush = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly ManualTimeProvider _time = new();
    private readonly Heads _heads = new();
    private readonly CancellationTokenSource _stop = new();
    private AuditLog _log = null!;
    private AuditKeeper _keeper = null!;
    private Task _keeping = Task.CompletedTask;

    public Task InitializeAsync()
    {
        Start(Flush);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    private string HeadFile => Path.Combine(_folder.FullName, "head");

    private void Start(TimeSpan flush)
    {
        _log = new AuditLog(new AuditOptions(Path.Combine(_folder.FullName, "audit.log")) { Flush = flush, HeadFile = HeadFile }, _time);
        _keeper = new AuditKeeper(_log, flush, _time, _heads);
        _keeping = _keeper.RunAsync(_stop.Token);
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _keeping;
        _log.Dispose();
    }

    private void Write(string answer = "allow") => _log.Write(new AuditRecord
    {
        Time = "2026-06-01T12:00:00.000Z",
        Phase = "request",
        Mode = "enforced",
        Answer = answer,
        Outcome = "refused",
        Reason = "not-signed",
        Message = "said",
        Checks = [],
    });

    // The keeper works on other threads; the time stands still meanwhile.
    private async Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 2000, "it did not come to pass");
            _time.Advance(step);
            await Task.Delay(5);
        }
    }

    [Fact]
    public async Task What_was_written_is_flushed_by_the_interval_that_is_set()
    {
        Write();
        Assert.False(_log.IsFlushed);
        await AdvanceUntilAsync(Flush, () => _log.IsFlushed);
    }

    [Fact]
    public async Task With_no_interval_it_is_flushed_before_the_answer()
    {
        await EndAsync();
        _log = new AuditLog(new AuditOptions(Path.Combine(_folder.FullName, "audit.log")) { Flush = TimeSpan.Zero }, _time);
        Write();
        Assert.True(_log.IsFlushed);
    }

    [Fact]
    public async Task The_head_is_said_once_a_minute_when_there_is_a_new_one_and_kept()
    {
        Write();
        var head = _log.Head;
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => _heads.Said.Count > 0);
        Assert.Equal([$"audit log ends at {head}"], _heads.Said);
        Assert.Equal(head.ToString(), await File.ReadAllTextAsync(HeadFile));

        await AdvanceFiveMinutesAsync();
        Assert.Single(_heads.Said);

        Write();
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => _heads.Said.Count > 1);
        Assert.Equal($"audit log ends at {_log.Head}", _heads.Said[^1]);
    }

    [Fact]
    public void The_head_is_said_at_the_stop_with_all_that_was_counted_of_floods()
    {
        for (var i = 0; i < 20; i++)
        {
            Write("deny");
        }

        _keeper.Stop();

        Assert.Equal(new AuditHead(RefusalFlood.Single + 1, _log.Head.Hash), _log.Head);
        Assert.Equal([$"audit log ends at {_log.Head}"], _heads.Said);
        Assert.True(_log.IsFlushed);
    }

    [Fact]
    public async Task Floods_that_are_over_are_counted_by_themselves()
    {
        for (var i = 0; i < 20; i++)
        {
            Write("deny");
        }

        await AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => _log.Head.Sequence == RefusalFlood.Single + 1);
    }

    private async Task AdvanceFiveMinutesAsync()
    {
        for (var i = 0; i < 30; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(5);
        }
    }

    private sealed class Heads : ILogger<AuditKeeper>
    {
        private readonly List<string> _said = [];

        public IReadOnlyList<string> Said
        {
            get
            {
                lock (_said)
                {
                    return [.. _said];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_said)
            {
                _said.Add(formatter(state, exception));
            }
        }
    }
}
