using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Tests.Signatures;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Tests.Registry;

/// <summary>Logins, storage behind a registry, and where questions go.</summary>
public sealed class RegistryClientTests : IAsyncLifetime
{
    private SignatureLab _lab = null!;

    public async Task InitializeAsync() => _lab = await SignatureLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task An_anonymous_token_is_for_the_path_of_the_repository()
    {
        var image = _lab.PutImage();
        _lab.Registry.Tokens = new TokenRules();
        Assert.Equal(image, await _lab.Service.ResolveTagAsync(_lab.Repository, "1", CancellationToken.None));
        Assert.Contains("scope=repository%3Ateam%2Fapp%3Apull", Assert.Single(_lab.Registry.Tokens.Requests).Parameters, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Basic")]
    public async Task A_configured_login_is_used(string scheme)
    {
        var image = _lab.PutImage();
        LoginAsBob();
        _lab.Registry.Tokens = new TokenRules { Scheme = scheme, Username = "bob", Password = "se:cret" };
        Assert.Equal(image, await _lab.Service.ResolveTagAsync(_lab.Repository, "1", CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_login_the_message_says_where_one_belongs()
    {
        _lab.PutImage();
        _lab.Registry.Tokens = new TokenRules { Scheme = "Basic", Username = "bob", Password = "se:cret" };
        var error = await Assert.ThrowsAsync<TransportException>(() => _lab.Service.ResolveTagAsync(_lab.Repository, "1", CancellationToken.None));
        Assert.Equal(TransportFault.LoginNeeded, error.Fault);
        Assert.Contains($"registry {_lab.Registry.Url.ToString().TrimEnd('/')} asks for a login", error.Message, StringComparison.Ordinal);
        Assert.Contains(_lab.Options.CredentialsFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_may_come_from_a_storage_which_gets_no_login()
    {
        await using var storage = await RegistrySimulator.StartAsync();
        var blob = _lab.Registry.PutBlob([1, 2, 3]);
        storage.PutBlob([1, 2, 3]);
        LoginAsBob();
        _lab.Registry.Tokens = new TokenRules { Scheme = "Basic", Username = "bob", Password = "se:cret" };
        _lab.Registry.Lies[$"blobs/{blob}"] = new Answer.Redirect($"{storage.Url}storage/{blob}?signature=1", 307);

        Assert.Equal([1, 2, 3], await _lab.Client.FindBlobAsync(_lab.Repository, blob, 100, CancellationToken.None));
        Assert.Equal("", Assert.Single(storage.Requests).Authorization);
        Assert.Contains(_lab.Registry.Requests, r => r.Authorization.Length > 0);
    }

    [Fact]
    public async Task What_has_another_digest_is_an_error()
    {
        var blob = _lab.Registry.PutBlob([1, 2, 3]);
        _lab.Registry.Lies[$"blobs/{blob}"] = new Answer.Bytes([1, 2, 4]);
        var error = await Assert.ThrowsAsync<RepositoryException>(() => _lab.Client.FindBlobAsync(_lab.Repository, blob, 100, CancellationToken.None));
        Assert.Equal(RepositoryFault.ChecksumMismatch, error.Fault);
    }

    private void LoginAsBob() => _lab.Login("{\"auths\":{\"" + _lab.Registry.Host + "\":{\"auth\":\"Ym9iOnNlOmNyZXQ=\"}}}");

    [Theory]
    [InlineData("docker.io/library/alpine", "https://registry-1.docker.io/v2/library/alpine/manifests/1", "repository:library/alpine:pull")]
    [InlineData("registry.example.com/a/b", "https://registry.example.com/v2/a/b/manifests/1", "repository:a/b:pull")]
    [InlineData("registry.example.com:5000/a", "https://registry.example.com:5000/v2/a/manifests/1", "repository:a:pull")]
    [InlineData("localhost:5000/a", "http://localhost:5000/v2/a/manifests/1", "repository:a:pull")]
    [InlineData("127.0.0.1:5000/a", "http://127.0.0.1:5000/v2/a/manifests/1", "repository:a:pull")]
    [InlineData("localhost.example.com/a", "https://localhost.example.com/v2/a/manifests/1", "repository:a:pull")]
    public void A_repository_has_its_place(string repository, string url, string scope)
    {
        Assert.True(ImageReferenceParser.TryParseNamed(repository, out var named, out _));
        var endpoint = new RegistryEndpoint(named.Repository, "/nonexistent");
        Assert.Equal((url, scope), (endpoint.Manifest("1").AbsoluteUri, endpoint.Login.Scope));
    }

    [Fact]
    public void A_registry_without_an_address_is_not_asked()
    {
        Assert.True(ImageReferenceParser.TryParseNamed("registry.example.com:99999/a", out var named, out _));
        Assert.Throws<TransportException>(() => new RegistryEndpoint(named.Repository, "/nonexistent"));
    }

    [Fact]
    public void A_loopback_registry_with_certificates_speaks_tls()
    {
        var certificates = Directory.CreateTempSubdirectory("certs-");
        certificates.CreateSubdirectory("localhost:5000");
        Assert.True(ImageReferenceParser.TryParseNamed("localhost:5000/a", out var named, out _));
        Assert.Equal("https", new RegistryEndpoint(named.Repository, certificates.FullName).Manifest("1").Scheme);
        certificates.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("</v2/a/referrers/x?last=1>; rel=\"next\"", "/v2/a/referrers/x?last=1")]
    [InlineData("</first>; rel=\"first\", </next>; rel=next", "/next")]
    [InlineData("</prev>; rel=\"prev\"", null)]
    [InlineData("rel=next", null)]
    [InlineData(">x<; rel=next", null)]
    public void The_next_page_is_what_the_link_says(string? header, string? next) => Assert.Equal(next, LinkHeader.Next(header));
}
