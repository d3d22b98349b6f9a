using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>What is read off the service when somebody asks.</summary>
public sealed class ServiceMeterTests : IDisposable
{
    private readonly MeterBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(EnforcementMode.Disabled, "disabled")]
    [InlineData(EnforcementMode.Permissive, "permissive")]
    [InlineData(EnforcementMode.Enforced, "enforced")]
    [InlineData(null, "invalid-policy")]
    public void One_mode_is_in_force(EnforcementMode? mode, string name)
    {
        _bench.Mode = mode;

        var scrape = _bench.Scrape();

        Assert.Equal(4, scrape.Of("content_trust_mode").Count());
        Assert.Equal($"content_trust_mode{{mode=\"{name}\"}}", Assert.Single(scrape.Of("content_trust_mode"), s => scrape[s] == 1));
    }

    [Fact]
    public void Readings_are_of_this_moment()
    {
        _bench.BreakGlass = true;
        var open = _bench.Scrape();
        _bench.BreakGlass = false;
        var closed = _bench.Scrape();

        Assert.Equal((1, 0), (open["content_trust_break_glass"], closed["content_trust_break_glass"]));
        Assert.Equal((7, 3, 2), (closed["content_trust_approvals"], closed["content_trust_audit_failures_total"], closed["content_trust_running_refused"]));
    }

    [Fact]
    public void Reloads_and_problems_are_counted()
    {
        _bench.Policy.Reload();
        _bench.Loads = PolicyTexts.ReadWith("\"freshness\": \"soon\", \"builds\": 1");
        _bench.Policy.Reload();
        _bench.Policy.Reload();
        var scrape = _bench.Scrape();

        Assert.Equal(1, scrape["content_trust_policy_reloads_total{result=\"unchanged\"}"]);
        Assert.Equal(2, scrape["content_trust_policy_reloads_total{result=\"refused\"}"]);
        Assert.Equal(0, scrape["content_trust_policy_reloads_total{result=\"replaced\"}"]);
        Assert.Equal(2, scrape["content_trust_policy_problems"]);

        _bench.Loads = PolicyTexts.ReadWith("\"freshness\": \"11s\"");
        _bench.Policy.Reload();
        Assert.Equal(0, _bench.Scrape()["content_trust_policy_problems"]);
    }

    [Fact]
    public void Only_the_soonest_repositories_have_a_value_and_none_lingers()
    {
        _bench.Expiries = [.. Enumerable.Range(1, 500).Select(n => Expiry($"registry.example.com/team/app{n}", n))];
        var many = _bench.Scrape();
        _bench.Expiries = [Expiry("registry.example.com/team/other", -1)];
        var one = _bench.Scrape();

        Assert.Equal(ServiceMeter.LabelledRepositories, many.Of("content_trust_trust_data_expiry_seconds").Count());
        Assert.Equal(3600, many["content_trust_trust_data_expiry_seconds{repository=\"registry.example.com/team/app1\"}"]);
        Assert.Equal(3600, many["content_trust_trust_data_earliest_expiry_seconds"]);
        Assert.Equal("content_trust_trust_data_expiry_seconds{repository=\"registry.example.com/team/other\"}", Assert.Single(one.Of("content_trust_trust_data_expiry_seconds")));
        Assert.Equal(-3600, one["content_trust_trust_data_earliest_expiry_seconds"]);
    }

    [Fact]
    public void Without_trust_data_there_is_no_expiry()
    {
        Assert.Empty(_bench.Scrape().Of("content_trust_trust_data_earliest_expiry_seconds"));
    }

    [Fact]
    public void Label_values_are_escaped() =>
        Assert.Contains("content_trust_build{version=\"1.2.3 \\\"x\\\\y\\\"\\nz\"} 1\n", _bench.Scrape().Text, StringComparison.Ordinal);

    [Fact]
    public void A_meter_that_was_disposed_and_another_service_are_not_heard()
    {
        using var other = new MeterBench();
        other.Meter.Trust.Answered("cache");
        Assert.Empty(_bench.Scrape().Of("content_trust_trust_data_answers_total"));
        Assert.Equal(1, other.Scrape()["content_trust_trust_data_answers_total{source=\"cache\"}"]);

        other.Meter.Dispose();
        other.Meter.Trust.Answered("cache");
        Assert.Equal(1, other.Scrape()["content_trust_trust_data_answers_total{source=\"cache\"}"]);
    }

    private RepositoryExpiry Expiry(string name, int hours)
    {
        Assert.True(ImageReferenceParser.TryParseNamed(name, out var named, out _));
        return new RepositoryExpiry(named.Repository, _bench.Time.GetUtcNow() + TimeSpan.FromHours(hours));
    }
}
