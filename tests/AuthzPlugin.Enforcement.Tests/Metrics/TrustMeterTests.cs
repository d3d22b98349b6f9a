using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.TrustData;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>Where trust data comes from and how its servers do.</summary>
#pragma warning disable CA1001 // xunit calls IAsyncLifetime.DisposeAsync.
public sealed class TrustMeterTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private TrustDataLab _lab = null!;
    private MetricStore _store = null!;

    public async Task InitializeAsync()
    {
        _lab = await TrustDataLab.StartAsync();
        _store = new MetricStore(_lab.Meter);
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task Answers_are_counted_by_their_source()
    {
        _lab.Change = p => p with { Freshness = TimeSpan.FromMinutes(1) };
        await _lab.GetAsync();
        await _lab.GetAsync();
        await _lab.GetAsync();
        _lab.Server.Lies["*"] = new Answer.Status(503);
        _lab.Time.Advance(TimeSpan.FromHours(2));
        await _lab.GetAsync();
        _lab.Time.Advance(TimeSpan.FromHours(71));
        await Assert.ThrowsAnyAsync<TrustException>(_lab.GetAsync);

        var scrape = Scrape.Of(_store);
        Assert.Equal((1, 2, 1, 1), (Answers(scrape, "server"), Answers(scrape, "cache"), Answers(scrape, "stale"), Answers(scrape, "none")));
        Assert.Equal(7200, scrape["content_trust_trust_data_stale_age_seconds_sum"]);
        Assert.Equal(0, scrape["content_trust_trust_data_stale_age_seconds_bucket{le=\"3600\"}"]);
        Assert.Equal(1, scrape["content_trust_trust_data_stale_age_seconds_bucket{le=\"21600\"}"]);
    }

    [Theory]
    [InlineData("a fault of its own", 503, "server-error")]
    [InlineData("too many requests", 429, "too-many-requests")]
    [InlineData("a redirect", 302, "protocol")]
    public async Task Failures_are_counted_by_server_and_kind(string what, int status, string kind)
    {
        _lab.Server.Lies["*"] = new Answer.Status(status);

        await Assert.ThrowsAnyAsync<TrustException>(_lab.GetAsync);

        var scrape = Scrape.Of(_store);
        var server = $"server_address=\"{_lab.Server.Url.Authority}\"";
        Assert.True(scrape[$"content_trust_trust_server_failures_total{{{server},error_type=\"{kind}\"}}"] >= 1, $"{what}: {scrape.Text}");
        Assert.True(scrape[$"content_trust_trust_server_request_duration_seconds_count{{{server}}}"] >= 1, scrape.Text);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_unreachable()
    {
        await _lab.Server.StopAsync();

        await Assert.ThrowsAnyAsync<TrustException>(_lab.GetAsync);

        Assert.Equal(1, Scrape.Of(_store)[$"content_trust_trust_server_failures_total{{server_address=\"{_lab.Server.Url.Authority}\",error_type=\"unreachable\"}}"]);
    }

    [Fact]
    public void Hosts_that_users_invent_have_no_name()
    {
        var policy = TrustPolicy.WithoutStanza with
        {
            Fingerprint = new string('1', 64),
            Pins = new RootPins([Pin("registry*"), Pin("named.example.com/team/*"), Pin("docker.io/library/alpine")]),
            TrustServers = new TrustServers([KeyValuePair.Create("x.example.com", new Uri("https://notary.example.com:4443/path"))]),
        };
        var names = new ServerNames(() => policy);

        Assert.Equal("notary.example.com:4443", names.NameOf(new Uri("https://notary.example.com:4443/path")));
        Assert.Equal("named.example.com", names.NameOf(new Uri("https://named.example.com")));
        Assert.Equal("notary.docker.io", names.NameOf(new Uri("https://notary.docker.io")));
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal("other", names.NameOf(new Uri($"https://registry{i}.attacker.example"))));
        policy = policy with { Fingerprint = new string('2', 64), Pins = new RootPins([]) };
        Assert.Equal("other", names.NameOf(new Uri("https://named.example.com")));
    }

    [Fact]
    public async Task Expiry_is_that_of_what_the_publisher_renews_while_the_repository_is_in_use_and_pinned()
    {
        _lab.Repository.Timestamp.Expires = _lab.Time.GetUtcNow() + TimeSpan.FromDays(1);
        _lab.Repository.Targets.Expires = _lab.Time.GetUtcNow() + TimeSpan.FromDays(20);
        _lab.Server.Publish(_lab.Repository);
        await _lab.GetAsync();

        var expiry = Assert.Single(_lab.Service.Expiries(_lab.Policy));
        Assert.InRange((expiry.At - _lab.Time.GetUtcNow()).TotalDays, 19.99, 20.01);
        Assert.Empty(_lab.Service.Expiries(_lab.Policy with { Pins = new RootPins([]) }));
        _lab.Time.Advance(TimeSpan.FromDays(8));
        Assert.Empty(_lab.Service.Expiries(_lab.Policy));
    }

    private static RootPin Pin(string pattern) => new(pattern, PinKind.RootKeys, System.Collections.Frozen.FrozenSet.Create(new string('a', 64)));

    private static double? Answers(Scrape scrape, string source) => scrape[$"content_trust_trust_data_answers_total{{source=\"{source}\"}}"];
}
