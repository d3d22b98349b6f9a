using AuthzPlugin.Trust.Certificates;

namespace AuthzPlugin.Trust.Tests.Certificates;

/// <summary>Line 95 of notary-v1.md 7.</summary>
public sealed class CommonNameRuleTests
{
    [Theory]
    [InlineData("docker.com/notary", "docker.com/notary", true)]
    [InlineData("docker.com/*", "docker.com/notary", true)]
    [InlineData("docker.com/**", "docker.com/notary", true)]
    [InlineData("*", "docker.com/any", true)]
    [InlineData("**", "docker.com/any", true)]
    [InlineData("*", "", true)]
    [InlineData("**", "", true)]
    [InlineData("test/*******", "test/many/wildcard", true)]
    [InlineData("test/**/*/", "test/test", false)]
    [InlineData("test/*/wild", "test/test/wild", false)]
    [InlineData("*/all", "test/all", false)]
    [InlineData("docker.com/*/*", "docker.com/notary/test", false)]
    [InlineData("docker.com/*/**", "docker.com/notary/test", false)]
    [InlineData("*abc*", "testabctest", false)]
    [InlineData("test/*/wild*", "test/test/wild", false)]
    [InlineData("", "test", false)]
    [InlineData("docker.com/notary", "docker.com/notary2", false)]
    [InlineData("docker.com/Notary", "docker.com/notary", false)]
    [InlineData("docker.com/notary ", "docker.com/notary", false)]
    public void L095_only_trailing_asterisks_are_wildcards(string commonName, string repository, bool matches) =>
        Assert.Equal(matches, CommonNameRule.Matches(commonName, repository));
}
