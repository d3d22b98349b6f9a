using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>URLs of trust servers (notary-v1.md 1.1, 1.4).</summary>
public sealed class NotaryEndpointTests
{
    [Theory]
    [InlineData("https://notary.example.com", "localhost:5000/demo/app", "timestamp", "https://notary.example.com/v2/localhost:5000/demo/app/_trust/tuf/timestamp.json")]
    [InlineData("https://h/notary/", "docker.io/library/alpine", "targets/releases.00ff", "https://h/notary/v2/docker.io/library/alpine/_trust/tuf/targets/releases.00ff.json")]
    [InlineData("https://h:4443", "docker.io/library/alpine", "3.root", "https://h:4443/v2/docker.io/library/alpine/_trust/tuf/3.root.json")]
    [InlineData("http://127.0.0.1:4443", "docker.io/library/alpine", "root", "http://127.0.0.1:4443/v2/docker.io/library/alpine/_trust/tuf/root.json")]
    [InlineData("http://[::1]:4443", "docker.io/library/alpine", "root", "http://[::1]:4443/v2/docker.io/library/alpine/_trust/tuf/root.json")]
    public void Slashes_and_ports_stay_as_they_are(string server, string repository, string name, string expected) =>
        Assert.Equal(expected, new NotaryEndpoint(new Uri(server), new TestRepository(repository).Repository).File(name).AbsoluteUri);

    [Theory]
    [InlineData("http://notary.example.com")]
    [InlineData("http://localhost.example.com")]
    [InlineData("http://127.0.0.1.example.com")]
    [InlineData("https://user@notary.example.com")]
    [InlineData("https://notary.example.com?x=1")]
    [InlineData("https://notary.example.com#x")]
    [InlineData("ftp://notary.example.com")]
    [InlineData("file:///etc")]
    public void Other_URLs_are_no_trust_servers(string server) =>
        Assert.Throws<ArgumentException>(() => new NotaryEndpoint(new Uri(server), new TestRepository().Repository));
}
