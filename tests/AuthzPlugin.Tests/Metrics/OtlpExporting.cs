using System.Diagnostics;
using System.Text;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Hosting;
using Xunit.Abstractions;

namespace AuthzPlugin.Tests.Metrics;

/// <summary>Metrics go to a collector, and a bad one costs nothing.</summary>
public sealed class OtlpExporting(ITestOutputHelper output) : IDisposable
{
    private const int NotSent = 1021;
    private const int SentAgain = 1022;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ServiceMeter _meter = new(() => null, TimeProvider.System);
    private readonly RecordedLog _log = new();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Metrics_arrive_under_their_names()
    {
        await using var collector = await OtlpCollector.StartAsync(MetricsServing.FreePort());
        using var export = new OtlpExport(_meter, collector.Url, Interval, _log);
        _meter.Trust.Answered("cache");

        await UntilAsync(() => !collector.Received.IsEmpty);

        Assert.True(collector.Received.TryPeek(out var first));
        Assert.Equal(("/v1/metrics", "application/x-protobuf"), (first.Path, first.Type));
        var text = Encoding.Latin1.GetString(first.Body);
        Assert.All(
            (string[])["content_trust.trust_data.answers", "source", "cache", "service.name", "content-trust"],
            word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_last_values_are_sent_at_the_stop()
    {
        await using var collector = await OtlpCollector.StartAsync(MetricsServing.FreePort());
        using var export = new OtlpExport(_meter, new Uri(collector.Url, "/own/path"), TimeSpan.FromMinutes(10), _log);
        _meter.Trust.Answered("stale");

        export.Stop();

        Assert.True(collector.Received.TryPeek(out var last));
        Assert.Equal("/own/path", last.Path);
        Assert.Contains("stale", Encoding.Latin1.GetString(last.Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_hangs_costs_one_line_and_no_time()
    {
        await using var collector = await OtlpCollector.StartAsync(MetricsServing.FreePort());
        collector.Hangs = true;
        using var export = new OtlpExport(_meter, collector.Url, Interval, _log);
        await UntilAsync(() => collector.Received.Count >= 3);

        var clock = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
        {
            _meter.Trust.Answered("cache");
        }

        var each = Stopwatch.GetElapsedTime(clock) / 100_000;
        clock = Stopwatch.GetTimestamp();
        export.Stop();
        var stop = Stopwatch.GetElapsedTime(clock);

        output.WriteLine($"figure: with a collector that hangs, counting takes {each.TotalNanoseconds:0} ns and the stop {stop.TotalMilliseconds:0} ms");
        Assert.True(each < TimeSpan.FromMilliseconds(1), $"{each}");
        Assert.True(stop < TimeSpan.FromSeconds(3), $"{stop}");
        Assert.Equal(
            $"metrics do not reach {collector.Url}v1/metrics: it does not answer in time; this is said once, they are sent again at every interval",
            Assert.Single(_log.Lines(NotSent)));
    }

    [Theory]
    [InlineData("it refuses", 503)]
    [InlineData("it redirects", 302)]
    public async Task A_collector_that_recovers_is_said_once(string what, int status)
    {
        await using var collector = await OtlpCollector.StartAsync(MetricsServing.FreePort());
        collector.Status = status;
        using var export = new OtlpExport(_meter, collector.Url, Interval, _log);
        _meter.Trust.Answered("cache");
        await UntilAsync(() => collector.Received.Count >= 2);
        collector.Status = 200;
        await UntilAsync(() => _log.Lines(SentAgain).Count > 0);

        Assert.True(_log.Lines(NotSent).Count == 1, what);
        Assert.Contains($"it answers with status {status}", _log.Lines(NotSent)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_is_said_once()
    {
        using var export = new OtlpExport(_meter, new Uri($"http://{MetricsServing.FreePort()}"), Interval, _log);
        _meter.Trust.Answered("cache");
        await UntilAsync(() => _log.Lines(NotSent).Count > 0);
        await Task.Delay(Interval * 2.5);

        Assert.Contains("refused", Assert.Single(_log.Lines(NotSent)), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task UntilAsync(Func<bool> happened)
    {
        for (var looks = 0; !happened(); looks++)
        {
            Assert.True(looks < 600, "it did not happen in 30 s");
            await Task.Delay(50);
        }
    }
}
