using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class TrustServersReaderTests
{
    [Theory]
    [InlineData("registry.example.com", "https://notary.example.com", "https://notary.example.com/")]
    [InlineData("registry.example.com:5000", "https://notary.example.com:4443", "https://notary.example.com:4443/")]
    [InlineData("docker.io", "https://notary.example.com/base/", "https://notary.example.com/base")]
    [InlineData("localhost:5000/demo/*", "http://localhost:4443", "http://localhost:4443/")]
    [InlineData("registry.example.com/a/b", "http://127.3.2.1:80", "http://127.3.2.1/")]
    [InlineData("localhost", "http://[::1]:4443", "http://[::1]:4443/")]
    public void Hosts_and_patterns_lead_to_a_server(string pattern, string text, string server)
    {
        var result = ReadWith($$"""
            "trust-servers": { "{{pattern}}": "{{text}}" }
            """);

        Assert.Empty(result.Warnings);
        var entry = Assert.Single(result.Policy!.TrustServers.All);
        Assert.Equal((pattern, server), (entry.Key, entry.Value.AbsoluteUri));
    }

    [Theory]
    [InlineData("\"http://notary.example.com\"", "use https")]
    [InlineData("\"http://10.0.0.1:4443\"", "use https")]
    [InlineData("\"http://localhost.example.com\"", "use https")]
    [InlineData("\"HTTPS://notary.example.com\"", "begin it with https:// in lower case")]
    [InlineData("\"ftp://notary.example.com\"", "begin it with https:// in lower case")]
    [InlineData("\"notary.example.com\"", "put https:// before the host")]
    [InlineData("\"\"", "put https:// before the host")]
    [InlineData("\" https://notary.example.com\"", "begin it with https:// in lower case")]
    [InlineData("\"https://notary.example.com?x=1\"", "leave out query")]
    [InlineData("\"https://notary.example.com#x\"", "leave out query")]
    [InlineData("\"https://notary.example.com\\\\x\"", "leave out query")]
    [InlineData("\"https://nötary.example.com\"", "leave out query")]
    [InlineData("\"https://notary.example.com:99999\"", "write https://HOST[:PORT]")]
    [InlineData("\"https://\"", "write https://HOST[:PORT]")]
    [InlineData("\"https:///x\"", "write https://HOST[:PORT]")]
    [InlineData("17", "write the URL in quotes")]
    [InlineData("null", "write the URL in quotes")]
    public void A_bad_URL_is_a_problem(string value, string nextStep)
    {
        var problem = Assert.Single(ReadWith($$"""
            "trust-servers": { "registry.example.com": {{value}} }
            """).Problems);

        Assert.Equal("builder.content-trust.trust-servers[\"registry.example.com\"]", problem.Path);
        Assert.StartsWith(nextStep, problem.NextStep);
    }

    [Fact]
    public void A_password_in_a_URL_is_not_repeated()
    {
        var problem = Assert.Single(ReadWith("""
            "trust-servers": { "registry.example.com": "https://joe:hunter2@notary.example.com" }
            """).Problems);

        Assert.DoesNotContain("hunter2", problem.ToString());
        Assert.Equal("put the login into the credentials file", problem.NextStep);
    }

    [Theory]
    [InlineData("registry", "write \"docker.io/library/registry\"")]
    [InlineData("index.docker.io", "write \"docker.io\"")]
    [InlineData("https://registry.example.com:5000", "write \"registry.example.com:5000\"")]
    [InlineData("registry.example.com/", "write \"registry.example.com\"")]
    [InlineData("foo/*", "write \"docker.io/foo/*\"")]
    [InlineData("a*b", "write * as the last character only")]
    public void A_pattern_that_can_match_nothing_is_a_problem(string pattern, string nextStep)
    {
        var problem = Assert.Single(ReadWith($$"""
            "trust-servers": { "{{pattern}}": "https://notary.example.com" }
            """).Problems);

        Assert.StartsWith(nextStep, problem.NextStep);
    }
}
