using AuthzPlugin.Enforcement.Metrics;
using AuthzPlugin.Enforcement.Tests.Signatures;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.Metrics;

/// <summary>Where signatures come from, and how long searches for them take.</summary>
#pragma warning disable CA1001 // xunit calls IAsyncLifetime.DisposeAsync.
public sealed class SignatureMeterTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private SignatureLab _lab = null!;
    private MetricStore _store = null!;

    public async Task InitializeAsync()
    {
        _lab = await SignatureLab.StartAsync();
        _store = new MetricStore(_lab.Meter);
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _lab.DisposeAsync();
    }

    [Fact]
    public async Task Answers_are_counted_by_their_source_and_searches_are_timed()
    {
        var image = _lab.PutImage();
        _lab.Registry.SignSimple(SignatureLab.Path, image, _lab.Key);
        Assert.True((await _lab.FindAsync(image)).IsEnough);
        Assert.True((await _lab.FindAsync(image)).FromCache);
        Assert.True((await _lab.FindAsync(image)).FromCache);
        Assert.Equal((1, 2, null, 1), Counts());

        _lab.Registry.Lies["*"] = new Answer.Status(503);
        var other = _lab.PutImage("2");
        await Assert.ThrowsAsync<TransportException>(() => _lab.FindAsync(other));
        await Assert.ThrowsAsync<TransportException>(() => _lab.FindAsync(other));
        Assert.Equal((1, 2, 2, 2), Counts());
    }

    private (double? Registry, double? Cache, double? None, double? Searches) Counts()
    {
        var scrape = Scrape.Of(_store);
        double? Of(string source) => scrape[$"content_trust_signatures_answers_total{{evidence=\"cosign\",source=\"{source}\"}}"];
        return (Of("registry"), Of("cache"), Of("none"), scrape["content_trust_signatures_search_duration_seconds_count{evidence=\"cosign\"}"]);
    }
}
