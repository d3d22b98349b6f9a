using System.Net;
using System.Net.Sockets;
using AuthzPlugin.Enforcement.Settings;
using static AuthzPlugin.Enforcement.Tests.Settings.SettingsTexts;

namespace AuthzPlugin.Enforcement.Tests.Settings;

/// <summary>Metrics are read on this machine only, and sent over https.</summary>
public class MetricsSettings
{
    [Theory]
    [InlineData("off", "", true)]
    [InlineData("a socket", "/run/content-trust/metrics.sock", true)]
    [InlineData("IPv4 loopback", "127.0.0.1:9464", true)]
    [InlineData("another loopback address", "127.0.0.2:9464", true)]
    [InlineData("IPv6 loopback", "[::1]:9464", true)]
    [InlineData("every address", "0.0.0.0:9464", false)]
    [InlineData("every IPv6 address", "[::]:9464", false)]
    [InlineData("an address of the network", "192.168.1.5:9464", false)]
    [InlineData("no port", "127.0.0.1", false)]
    [InlineData("port 0", "127.0.0.1:0", false)]
    [InlineData("a port that is none", "127.0.0.1:99999", false)]
    [InlineData("a port alone", ":9464", false)]
    [InlineData("a name", "localhost:9464", false)]
    [InlineData("a short form", "127.1:9464", false)]
    [InlineData("a relative path", "run/metrics.sock", false)]
    [InlineData("the plugin's socket", "/run/docker/plugins/content-trust.sock", false)]
    [InlineData("the admin socket", "/run/content-trust/admin.sock", false)]
    public void Metrics_are_read_at_a_socket_or_a_loopback_port(string what, string value, bool legal)
    {
        var result = Load(null, null, ("metrics-listen", value));

        Assert.True(legal == result.Settings is not null, what);
        Assert.True(legal || result.Problems.Count == 1, what);
        Assert.Equal(legal ? value : null, result.Settings?.MetricsListen);
    }

    [Fact]
    public void An_address_that_is_not_this_machines_says_what_to_do()
    {
        var problem = Assert.Single(Load("""{ "metrics-listen": "0.0.0.0:9464" }""").Problems);

        Assert.Equal(("metrics-listen", "\"0.0.0.0:9464\""), (problem.Path, problem.Found));
        Assert.Contains("metrics are for this machine only", problem.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https", "https://collector.example.com:4318", true)]
    [InlineData("with a path", "https://collector.example.com/otlp/v1/metrics", true)]
    [InlineData("http to loopback", "http://127.0.0.1:4318", true)]
    [InlineData("http to elsewhere", "http://collector.example.com:4318", false)]
    [InlineData("a login", "https://joe:hunter2@collector.example.com", false)]
    [InlineData("a query", "https://collector.example.com/?key=secret", false)]
    [InlineData("no scheme", "collector.example.com:4318", false)]
    [InlineData("grpc", "grpc://collector.example.com:4317", false)]
    public void A_collector_is_reached_over_https_or_on_this_machine(string what, string value, bool legal)
    {
        var result = Load(null, null, ("otlp-endpoint", value));

        Assert.True(legal == result.Settings?.OtlpEndpoint is not null, what);
        Assert.Equal(legal ? value : null, result.Settings?.OtlpEndpoint?.OriginalString);
        Assert.All(result.Problems, p => Assert.DoesNotContain("hunter2", p.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_open_by_default()
    {
        var settings = new ServiceSettings();

        Assert.Equal(("", null), (settings.MetricsListen, settings.OtlpEndpoint));
        Assert.False(MetricsAddress.TryParse("", out _));
        Assert.True(MetricsAddress.TryParse("/a.sock", out var socket) && socket is UnixDomainSocketEndPoint);
        Assert.True(MetricsAddress.TryParse("[::1]:1", out var address) && address is IPEndPoint { Port: 1 });
    }
}
