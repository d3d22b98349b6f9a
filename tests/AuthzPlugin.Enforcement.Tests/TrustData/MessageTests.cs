using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>What people read when trust data cannot be had.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task Docker_Hubs_ending_service_is_explained()
    {
        var repository = TrustDataLab.NewRepository("docker.io/library/alpine");
        await using var lab = await TrustDataLab.StartAsync(repository);
        lab.Options = lab.Options with { Proxy = new Uri("http://127.0.0.1:9"), ConnectTimeout = TimeSpan.FromSeconds(2) };
        lab.Restart();
        lab.Change = p => p with { TrustServers = new TrustServers([]) };

        var e = Assert.IsType<TransportException>(await lab.FailAsync());

        Assert.StartsWith("trust server https://notary.docker.io cannot be reached: connection refused and no usable trust data is cached", e.Message, StringComparison.Ordinal);
        Assert.Contains("Docker ends its Notary service notary.docker.io on 2026-12-08", e.Message, StringComparison.Ordinal);
        Assert.Contains("name another server under trust-servers", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://no-such-host.invalid", TransportFault.Unreachable, "the host name of trust server https://no-such-host.invalid cannot be resolved")]
    [InlineData("https://127.0.0.1:1", TransportFault.Unreachable, "trust server https://127.0.0.1:1 cannot be reached: connection refused")]
    public async Task A_server_that_is_not_there(string url, TransportFault fault, string message)
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Change = p => p with { TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", new Uri(url))]) };

        var e = Assert.IsType<TransportException>(await lab.FailAsync());

        Assert.Equal(fault, e.Fault);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_text_server_at_an_https_URL_is_a_TLS_fault()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var url = new UriBuilder(lab.Server.Url) { Scheme = "https" }.Uri;
        lab.Change = p => p with { TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", url)]) };

        Assert.Equal("Tls", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task A_policy_with_a_server_that_is_no_trust_server_is_a_fault_not_a_crash()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var url = new Uri("http://notary.example.com");
        lab.Change = p => p with { TrustServers = new TrustServers([KeyValuePair.Create("registry.example.com", url)]) };

        Assert.Equal("Protocol", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public void A_request_goes_through_the_proxy_unless_it_is_for_a_loopback_address()
    {
        var proxy = new TrustProxy(new Uri("http://user:pass%20word@proxy.example.com:3128"));

        Assert.Equal("proxy.example.com", proxy.GetProxy(new Uri("https://notary.example.com"))?.Host);
        Assert.Null(proxy.GetProxy(new Uri("https://localhost:4443")));
        Assert.True(proxy.IsBypassed(new Uri("http://127.0.0.1")));
        Assert.Equal("pass word", proxy.Credentials?.GetCredential(new Uri("http://proxy.example.com"), "Basic")?.Password);
    }

    [Theory]
    [InlineData("RequestTimeout")]
    [InlineData("UpdatesPerServer")]
    [InlineData("CacheBytes")]
    public void An_option_out_of_range_is_named(string name)
    {
        var options = new TrustDataOptions { CacheDirectory = "/tmp" };
        options = name switch
        {
            "RequestTimeout" => options with { RequestTimeout = TimeSpan.Zero },
            "UpdatesPerServer" => options with { UpdatesPerServer = 0 },
            _ => options with { CacheBytes = -1 },
        };

        Assert.Equal(name, Assert.Throws<ArgumentException>(options.Validate).ParamName);
    }

    [Fact]
    public async Task L116_a_repository_of_75_000_tags_works()
    {
        var repository = TrustDataLab.NewRepository();
        for (var i = 0; i < 75_000; i++)
        {
            repository.Targets.Tags[$"tag-{i}"] = TrustDataLab.Digest1;
        }

        await using var lab = await TrustDataLab.StartAsync(repository);

        Assert.NotNull((await lab.GetAsync()).Tags.FindTag("tag-74999"));
        lab.Restart();
        await lab.Server.StopAsync();
        Assert.NotNull((await lab.GetAsync()).Tags.FindTag("tag-74999"));
    }
}
