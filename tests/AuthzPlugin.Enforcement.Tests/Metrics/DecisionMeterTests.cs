using System.Diagnostics;
using AuthzPlugin.Enforcement.EngineRequests;
using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Authorization;
using Xunit.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>What is answered is counted, and counting costs nothing worth the name.</summary>
public sealed class DecisionMeterTests(ITestOutputHelper output)
{
    private const string Signed = AuthorizationBench.Repository + ":1";
    private const string Unsigned = AuthorizationBench.Repository + ":2";

    [Theory]
    [InlineData("a signed image", Signed, EnforcementMode.Enforced, "trusted", "signed", "allow", "notary-v1")]
    [InlineData("an unsigned image", Unsigned, EnforcementMode.Enforced, "refused", "not-signed", "deny", "notary-v1")]
    [InlineData("an unsigned image, permissive", Unsigned, EnforcementMode.Permissive, "refused", "not-signed", "would-deny", "notary-v1")]
    [InlineData("an image that no pin covers", "registry.example.com/elsewhere/app:1", EnforcementMode.Enforced, "refused", "not-pinned", "deny", "none")]
    public async Task A_decision_is_counted_by_outcome_reason_phase_answer_and_evidence(
        string what, string image, EnforcementMode mode, string outcome, string reason, string answer, string evidence)
    {
        using var bench = new AuthorizationBench(mode);
        using var store = new MetricStore(bench.Meter);
        bench.PullSigned("1", 'b', 'c');

        await bench.AskAsync(AuthorizationBench.Create(image));

        var scrape = Scrape.Of(store);
        var sample = $"content_trust_decisions_total{{outcome=\"{outcome}\",reason=\"{reason}\",phase=\"request\",answer=\"{answer}\",evidence=\"{evidence}\"}}";
        Assert.True(scrape[sample] == 1, $"{what}: {scrape.Text}");
        Assert.Single(scrape.Of("content_trust_decisions_total"));
        Assert.Equal(1, scrape["content_trust_request_duration_seconds_count{kind=\"create\",phase=\"request\"}"]);
    }

    [Fact]
    public async Task Both_phases_of_a_create_are_counted()
    {
        using var bench = new AuthorizationBench();
        using var store = new MetricStore(bench.Meter);
        var image = bench.PullSigned("1", 'b', 'c');
        var container = bench.Container('d', "web", image.Id);
        bench.Engine.Containers.Remove(container.Id, out _);

        await bench.CreateAsync(Signed, container);

        var scrape = Scrape.Of(store);
        Assert.Equal(1, scrape["content_trust_decisions_total{outcome=\"trusted\",reason=\"signed\",phase=\"response\",answer=\"allow\",evidence=\"notary-v1\"}"]);
        Assert.Equal(1, scrape["content_trust_request_duration_seconds_count{kind=\"create\",phase=\"response\"}"]);
    }

    [Fact]
    public async Task What_could_not_be_recorded_is_counted_as_denied()
    {
        using var bench = new AuthorizationBench(auditFile: "/dev/full");
        using var store = new MetricStore(bench.Meter);
        bench.PullSigned("1", 'b', 'c');

        var answer = await bench.AskAsync(AuthorizationBench.Create(Signed));

        Assert.False(answer.Allow);
        Assert.Equal(1, Scrape.Of(store)["content_trust_decisions_total{outcome=\"trusted\",reason=\"signed\",phase=\"request\",answer=\"deny\",evidence=\"notary-v1\"}"]);
        Assert.Equal(1, bench.AuditFailures);
    }

    [Fact]
    public async Task Reads_are_timed_and_what_is_unreadable_is_too()
    {
        using var bench = new AuthorizationBench();
        using var store = new MetricStore(bench.Meter);
        var read = new AuthZRequest("GET", "/v1.41/containers/json", new Dictionary<string, string>(), ReadOnlyMemory<byte>.Empty, null, null);
        await bench.AskAsync(read);
        await bench.AskAsync(read);
        await bench.AskAsync(null);

        var scrape = Scrape.Of(store);
        Assert.Equal(2, scrape["content_trust_request_duration_seconds_count{kind=\"read\",phase=\"request\"}"]);
        Assert.Equal(2, scrape["content_trust_request_duration_seconds_bucket{kind=\"read\",phase=\"request\",le=\"+Inf\"}"]);
        Assert.Equal(1, scrape["content_trust_request_duration_seconds_count{kind=\"unreadable\",phase=\"request\"}"]);
    }

    [Fact]
    public void Buckets_count_from_below()
    {
        using var bench = new MeterBench();
        foreach (var milliseconds in (double[])[0.05, 0.4, 0.5, 3, 400_000])
        {
            var started = bench.Time.GetTimestamp();
            bench.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            bench.Meter.Decisions.Answered(new ReadRequest("GET /x"), "request", started);
        }

        var scrape = bench.Scrape();
        double? At(string bound) => scrape[$"content_trust_request_duration_seconds_bucket{{kind=\"read\",phase=\"request\",le=\"{bound}\"}}"];
        Assert.Equal((1, 3, 3, 4, 4, 5), (At("0.0001"), At("0.0005"), At("0.001"), At("0.005"), At("300"), At("+Inf")));
    }

    [Theory]
    [InlineData("nobody listens", false)]
    [InlineData("somebody listens", true)]
    public void Counting_a_read_does_not_allocate(string what, bool listens)
    {
        const int Times = 100_000;
        const int Batches = 1000;
        using var meter = new ServiceMeter(() => null, TimeProvider.System);
        using var store = listens ? new MetricStore(meter) : null;
        var read = new ReadRequest("GET /containers/json");
        Count(meter, read, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var nanoseconds = double.MaxValue;
        for (var batch = 0; batch < Batches; batch++)
        {
            // The best of many: on a busy machine the rest measures the neighbours.
            var clock = Stopwatch.GetTimestamp();
            Count(meter, read, Times / Batches);
            nanoseconds = Math.Min(nanoseconds, Stopwatch.GetElapsedTime(clock).TotalNanoseconds / Times * Batches);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        output.WriteLine($"figure: counting a read while {what}: {nanoseconds:0} ns, {(double)allocated / Times:0.##} bytes");
        Assert.True(allocated < Times, $"{allocated} bytes for {Times} reads");
        Assert.True(nanoseconds < 100_000, $"{nanoseconds} ns");
    }

    [Theory]
    [InlineData("POST", "/v1.41/images/create?fromImage=a&tag=1", "pull")]
    [InlineData("POST", "/v1.41/containers/x/start", "start")]
    [InlineData("POST", "/v1.41/containers/x/restart", "start")]
    [InlineData("POST", "/v1.41/containers/x/rename?name=y", "names")]
    [InlineData("DELETE", "/v1.41/containers/x", "names")]
    [InlineData("POST", "/v1.41/images/x/tag?repo=y", "content")]
    [InlineData("POST", "/v1.41/plugins/x/enable", "plugin")]
    [InlineData("GET", "/v1.41/swarm", "swarm")]
    [InlineData("POST", "/v1.41/containers/x/stop", "other")]
    [InlineData("POST", "/v1.41/no/such/thing", "refused")]
    [InlineData("GET", "/_ping", "read")]
    public void A_request_has_a_kind(string method, string uri, string kind)
    {
        var headers = new Dictionary<string, string> { ["Content-Length"] = "0" };
        Assert.Equal(kind, RequestKinds.Of(EngineRequestReader.Read(new AuthZRequest(method, uri, headers, ReadOnlyMemory<byte>.Empty, null, null))));
    }

    private static void Count(ServiceMeter meter, EngineRequest read, int times)
    {
        for (var i = 0; i < times; i++)
        {
            meter.Decisions.Answered(read, "request", TimeProvider.System.GetTimestamp());
        }
    }
}
