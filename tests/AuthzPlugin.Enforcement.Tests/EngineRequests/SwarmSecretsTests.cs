using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

public sealed class SwarmSecretsTests
{
    [Theory]
    [InlineData("/swarm")]
    [InlineData("/v1.41/swarm")]
    [InlineData("/v1.00041/swarm?x=1")]
    [InlineData("/swarm/unlockkey")]
    [InlineData("/v1.41/swarm/unlockkey")]
    [InlineData("/%73warm")]
    [InlineData("/v1%2E41%2Fswarm%2Funlockkey")]
    [InlineData("http://h/swarm")]
    [InlineData("HTTP://u@h:1/v1.41/swarm/unlockkey")]
    [InlineData("x:/swarm")]
    [InlineData("x+y-z.1://h/swarm")]
    [InlineData("x://h%zz/swarm")]
    [InlineData("/swarm#x")]
    [InlineData("http://h#/swarm")]
    [InlineData("/swarm?%zz")]
    [InlineData("//swarm")]
    [InlineData("/a/../swarm/")]
    [InlineData("/./v1.41/./swarm/.")]
    [InlineData("/../swarm")]
    public void Join_tokens_are_not_read_under_any_spelling(string uri)
    {
        Assert.Equal("gate Swarm", Asking.Describe(Asking.Read("GET", uri)));
        Assert.Equal("gate Swarm", Asking.Describe(Asking.Read("GET", uri, "")));
    }

    [Theory]
    [InlineData("/volumes/swarm")]
    [InlineData("/networks/swarm")]
    [InlineData("/services/swarm")]
    [InlineData("/v1.41/images/swarm/json")]
    [InlineData("/images/json?filter=/swarm")]
    [InlineData("/swarmed")]
    [InlineData("/%2573warm")]
    [InlineData("/info")]
    [InlineData("/nodes")]
    public void Other_reads_are_free(string uri) => Assert.IsType<ReadRequest>(Asking.Read("GET", uri));
}
