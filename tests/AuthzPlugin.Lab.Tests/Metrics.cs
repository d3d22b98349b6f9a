using System.Globalization;
using System.Net.Sockets;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>What a scrape of the real service shows after real commands.</summary>
[Collection(LabFixture.Collection)]
public sealed class Metrics(LabFixture lab)
{
    private const string Decisions = "content_trust_decisions_total";

    private string Socket => Path.Combine(Path.GetDirectoryName(lab.Plugin.Log.Path)!, "metrics.sock");

    [Fact]
    public Task A_signed_and_an_unsigned_image_are_both_in_the_scrape() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("metrics1", "signed");
        var unsigned = await lab.UnsignedAsync("metrics1", "unsigned");
        await lab.Plugin.RestartAsync("--metrics-listen", Socket);
        await Wait.UntilAsync("metrics can be read", () => File.Exists(Socket));

        (await lab.RunAsync(signed.Reference)).ShouldSucceed();
        Assert.False((await lab.RunAsync(unsigned.Reference)).Succeeded);

        var samples = await ScrapeAsync();
        Assert.Equal(1, samples[$"{Decisions}{{outcome=\"trusted\",reason=\"signed\",phase=\"request\",answer=\"allow\",evidence=\"notary-v1\"}}"]);
        Assert.Equal(1, samples[$"{Decisions}{{outcome=\"trusted\",reason=\"signed\",phase=\"response\",answer=\"allow\",evidence=\"notary-v1\"}}"]);
        Assert.Equal(1, samples[$"{Decisions}{{outcome=\"trusted\",reason=\"approved\",phase=\"request\",answer=\"allow\",evidence=\"notary-v1\"}}"]);
        Assert.Equal(1, samples[$"{Decisions}{{outcome=\"refused\",reason=\"not-signed\",phase=\"request\",answer=\"deny\",evidence=\"notary-v1\"}}"]);
        Assert.Equal(2, samples["content_trust_request_duration_seconds_count{kind=\"create\",phase=\"request\"}"]);
        Assert.True(samples["content_trust_request_duration_seconds_count{kind=\"read\",phase=\"request\"}"] > 0);
        Assert.Equal(1, samples["content_trust_mode{mode=\"enforced\"}"]);
        Assert.Equal(0, samples["content_trust_audit_failures_total"]);
        var server = new Uri(lab.Env["LAB_NOTARY"]).Authority;
        Assert.True(samples[$"content_trust_trust_server_request_duration_seconds_count{{server_address=\"{server}\"}}"] > 0);
        Assert.True(samples[$"content_trust_trust_data_expiry_seconds{{repository=\"{signed.Repository}\"}}"] > TimeSpan.FromDays(365).TotalSeconds);
        Assert.DoesNotContain(samples.Keys, k => k.Contains("unsigned", StringComparison.Ordinal));
    });

    private async Task<Dictionary<string, double>> ScrapeAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var text = await client.GetStringAsync(new Uri("http://localhost/metrics"));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => (line, Cut: line.LastIndexOf(' ')))
            .ToDictionary(l => l.line[..l.Cut], l => double.Parse(l.line[(l.Cut + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }
}
