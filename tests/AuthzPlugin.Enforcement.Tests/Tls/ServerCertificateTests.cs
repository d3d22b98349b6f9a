using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Tls;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Enforcement.TrustData.Transport;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Tls;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.Tls;

/// <summary>The engine's certs.d rules over real TLS.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("certs-");
    private readonly TestAuthority _authority = new();
    private readonly TestRepository _repository = new();

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("by address", "127.0.0.1", "127.0.0.1")]
    [InlineData("by name", "localhost", "localhost")]
    public async Task An_authority_in_the_servers_directory_is_trusted(string row, string host, string certified)
    {
        _ = row;
        await using var server = await NotarySimulator.StartAsync(_authority.Server(null, certified), host);
        Put(server.Url.Authority, "ca.crt", _authority.Pem);

        Assert.NotNull(await GetAsync(server));
    }

    [Fact]
    public async Task An_authority_in_the_registrys_directory_is_trusted_too()
    {
        await using var server = await NotarySimulator.StartAsync(_authority.Server(null, "127.0.0.1"));
        Put("registry.example.com", "ca.crt", _authority.Pem);

        Assert.NotNull(await GetAsync(server));
    }

    [Theory]
    [InlineData("an address that the certificate does not have", "127.0.0.2", 30, true, "its certificate is for another host name")]
    [InlineData("an expired certificate", "127.0.0.1", -0.5, true, "its certificate has expired or is not valid yet")]
    [InlineData("an unknown authority", "127.0.0.1", 30, false, "its certificate is from an authority that this host does not know")]
    public async Task A_certificate_that_does_not_verify_is_a_TLS_fault(string row, string certified, double days, bool known, string message)
    {
        _ = row;
        await using var server = await NotarySimulator.StartAsync(_authority.Server(DateTimeOffset.UtcNow.AddDays(days), certified));
        using var other = new TestAuthority("Other Authority");
        Put(server.Url.Authority, "ca.crt", known ? _authority.Pem : other.Pem);

        var e = await Assert.ThrowsAsync<TransportException>(() => GetAsync(server));

        Assert.Equal(TransportFault.Tls, e.Fault);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_directories_the_systems_authorities_decide()
    {
        await using var server = await NotarySimulator.StartAsync(_authority.Server(null, "127.0.0.1"));

        Assert.Equal(TransportFault.Tls, (await Assert.ThrowsAsync<TransportException>(() => GetAsync(server))).Fault);
    }

    [Fact]
    public async Task An_authority_that_is_added_later_needs_no_restart()
    {
        await using var server = await NotarySimulator.StartAsync(_authority.Server(null, "127.0.0.1"));
        using var transport = Transport();
        await Assert.ThrowsAsync<TransportException>(() => GetAsync(server, transport));

        Put(server.Url.Authority, "ca.crt", _authority.Pem);

        Assert.NotNull(await GetAsync(server, transport));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_certificate_is_shown(int pairs)
    {
        await using var server = await NotarySimulator.StartAsync(_authority.Server(null, "127.0.0.1"));
        Put(server.Url.Authority, "ca.crt", _authority.Pem);
        for (var i = 0; i < pairs; i++)
        {
            using var client = _authority.Client("plugin");
            Put(server.Url.Authority, $"client{i}.cert", client.ExportCertificatePem());
            Put(server.Url.Authority, $"client{i}.key", TestAuthority.KeyPem(client));
        }

        Assert.NotNull(await GetAsync(server));
        Assert.Equal("CN=plugin", Assert.Single(server.ClientCertificates));
    }

    [Theory]
    [InlineData("client.cert", "has no client.key beside it (authorities have the extension .crt)")]
    [InlineData("client.key", "has no client certificate client.cert beside it")]
    [InlineData("garbage.crt", "cannot be used as a certificate: it is not PEM, or the key does not fit")]
    [InlineData("empty.crt", "cannot be used as a certificate: it is not PEM, or the key does not fit")]
    public async Task A_file_that_cannot_be_used_is_named(string file, string message)
    {
        using var client = _authority.Client("plugin");
        Put("registry.example.com", file, file switch
        {
            "client.cert" => client.ExportCertificatePem(),
            "client.key" => TestAuthority.KeyPem(client),
            "garbage.crt" => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            _ => "",
        });
        await using var server = await NotarySimulator.StartAsync();

        var e = await Assert.ThrowsAsync<TransportException>(() => GetAsync(server));

        Assert.Equal(TransportFault.Tls, e.Fault);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_refused()
    {
        using var client = _authority.Client("plugin");
        using var other = _authority.Client("other");
        Put("registry.example.com", "client.cert", client.ExportCertificatePem());
        Put("registry.example.com", "client.key", TestAuthority.KeyPem(other));
        await using var server = await NotarySimulator.StartAsync();

        Assert.Equal(TransportFault.Tls, (await Assert.ThrowsAsync<TransportException>(() => GetAsync(server))).Fault);
    }

    [Fact]
    public void Host_names_never_leave_the_directory()
    {
        var directories = new CertificateDirectories(_directory.FullName, 1024);
        Put("x", "ca.crt", _authority.Pem);

        Assert.Empty(directories.Of(new Uri("https://unknown.example.com"), ".."));
        Assert.Empty(directories.Of(new Uri("https://unknown.example.com"), "../" + _directory.Name));
    }

    private void Put(string host, string file, string content) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_directory.FullName, host)).FullName, file), content);

    private NotaryTransport Transport()
    {
        var options = new TrustDataOptions
        {
            CacheDirectory = _directory.FullName,
            CertificatesDirectory = _directory.FullName,
            CredentialsFile = Path.Combine(_directory.FullName, "none.json"),
        };
        return new NotaryTransport(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
    }

    private async Task<byte[]?> GetAsync(NotarySimulator server, NotaryTransport? transport = null)
    {
        server.Publish(_repository);
        using var own = Transport();
        return await (transport ?? own).GetAsync(new NotaryEndpoint(server.Url, _repository.Repository), "root", 1 << 20, CancellationToken.None);
    }
}
