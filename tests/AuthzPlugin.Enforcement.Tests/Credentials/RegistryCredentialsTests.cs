using System.Text;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.TrustData;

namespace AuthzPlugin.Enforcement.Tests.Credentials;

/// <summary>Docker's config.json as the Docker CLI reads it.</summary>
public sealed class RegistryCredentialsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("credentials-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("no such host", """{"auths":{"other.example.com":{"auth":"Ym9iOnNlY3JldA=="}}}""", "reg.example.com:5000", null)]
    [InlineData("no auths", "{}", "reg.example.com", null)]
    [InlineData("auths is null", """{"auths":null}""", "reg.example.com", null)]
    [InlineData("an empty entry, as helpers leave it", """{"auths":{"reg.example.com":{}}}""", "reg.example.com", null)]
    [InlineData("host and port", """{"auths":{"reg.example.com:5000":{"auth":"Ym9iOnNlY3JldA=="}}}""", "reg.example.com:5000", "bob:secret")]
    [InlineData("another port is another registry", """{"auths":{"reg.example.com:5000":{"auth":"Ym9iOnNlY3JldA=="}}}""", "reg.example.com", null)]
    [InlineData("an old-style URL", """{"auths":{"https://reg.example.com/v2/":{"auth":"Ym9iOnNlY3JldA=="}}}""", "reg.example.com", "bob:secret")]
    [InlineData("Docker Hub", """{"auths":{"https://index.docker.io/v1/":{"auth":"Ym9iOnNlY3JldA=="}}}""", "docker.io", "bob:secret")]
    [InlineData("Docker Hub by another name", """{"auths":{"docker.io":{"auth":"Ym9iOnNlY3JldA=="}}}""", "docker.io", "bob:secret")]
    [InlineData("user and password in clear", """{"auths":{"r.io":{"username":"ann","password":"a:b"}}}""", "r.io", "ann:a:b")]
    [InlineData("a colon in the password", """{"auths":{"r.io":{"auth":"YW5uOmE6Yg=="}}}""", "r.io", "ann:a:b")]
    [InlineData("zeros at the end", """{"auths":{"r.io":{"auth":"YW5uOmEAAA=="}}}""", "r.io", "ann:a")]
    public async Task An_entry_of_auths(string row, string config, string host, string? expected)
    {
        _ = row;
        var found = await Create(config).FindAsync(host, CancellationToken.None);

        Assert.Equal(expected, found is null ? null : $"{found.Username}:{found.Password}");
    }

    [Fact]
    public async Task An_absent_file_is_no_login() =>
        Assert.Null(await Create(null).FindAsync("r.io", CancellationToken.None));

    [Theory]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("""{"auths":{"r.io":{"auth":"%"}}}""", "has an auth for r.io that is not base64")]
    [InlineData("""{"auths":{"r.io":{"auth":"YWJj"}}}""", "has an auth for r.io without a colon")]
    [InlineData("""{"credsStore":"../sh"}""", "../sh is not the name of a credential helper")]
    [InlineData("""{"credsStore":"does-not-exist"}""", "docker-credential-does-not-exist cannot be run")]
    public async Task What_cannot_be_used_is_named(string config, string message)
    {
        var e = await Assert.ThrowsAsync<CredentialsException>(() => Create(config).FindAsync("r.io", CancellationToken.None));
        Assert.EndsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a login", "read host; echo '{\"ServerURL\":\"'$host'\",\"Username\":\"bob\",\"Secret\":\"s-'$host'\"}'", "bob:s-r.io", null)]
    [InlineData("an identity token", "echo '{\"Username\":\"<token>\",\"Secret\":\"refresh\"}'", "token refresh", null)]
    [InlineData("none", "echo 'credentials not found in native keychain'; exit 1", null, null)]
    [InlineData("a failure", "echo locked; exit 3", null, "failed with exit status 3")]
    [InlineData("nonsense", "echo hello", null, "does not answer with Username and Secret")]
    [InlineData("too much", "yes", null, "writes more than 1048576 bytes")]
    [InlineData("too slow", "exec sleep 60", null, "did not answer in 0.5 s")]
    [InlineData("input is not read", "exec 0<&-; echo '{\"Username\":\"bob\",\"Secret\":\"x\"}'", "bob:x", null)]
    public async Task A_helper_gives(string row, string script, string? expected, string? message)
    {
        _ = row;
        var helper = Path.Combine(_directory.FullName, "docker-credential-test");
        await File.WriteAllTextAsync(helper, "#!/bin/bash\n" + script + "\n");
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var budget = TimeSpan.FromSeconds(row == "too slow" ? 0.5 : 60);
        var credentialHelper = new CredentialHelper(budget, 1 << 20, TimeProvider.System, _directory.FullName);

        if (message is not null)
        {
            var e = await Assert.ThrowsAsync<CredentialsException>(() => credentialHelper.GetAsync("test", "r.io", CancellationToken.None));
            Assert.EndsWith(message, e.Message, StringComparison.Ordinal);
            return;
        }

        var found = await credentialHelper.GetAsync("test", "r.io", CancellationToken.None);
        Assert.Equal(expected, found is null ? null : found.IdentityToken is { } token ? "token " + token : $"{found.Username}:{found.Password}");
    }

    [Theory]
    [InlineData("""{"credsStore":"all","credHelpers":{"r.io":"one"}}""", "r.io", "one")]
    [InlineData("""{"credsStore":"all","credHelpers":{"r.io":"one"}}""", "x.io", "all")]
    [InlineData("""{"credHelpers":{"https://index.docker.io/v1/":"hub"}}""", "docker.io", "hub")]
    [InlineData("""{"credHelpers":{"docker.io":"hub"}}""", "docker.io", "hub")]
    [InlineData("""{"credsStore":""}""", "r.io", null)]
    public async Task The_registrys_own_helper_comes_before_the_store(string config, string host, string? expected)
    {
        var path = Write(config);
        var file = await DockerConfigFile.ReadAsync(path, 1 << 20, CancellationToken.None);

        Assert.Equal(expected, file!.HelperFor(RegistryCredentials.ServerAddress(host), host));
    }

    [Fact]
    public void The_engine_gets_a_login_as_padded_base64url_of_JSON()
    {
        var header = new RegistryCredential("r.io", "bob", "p>?ü", null).ToRegistryAuthHeader();

        Assert.DoesNotContain('+', header);
        Assert.DoesNotContain('/', header);
        Assert.Equal(0, header.Length % 4);
        Assert.Equal(
            """{"username":"bob","password":"p\u003E?\u00FC","serveraddress":"r.io"}""",
            Encoding.UTF8.GetString(Convert.FromBase64String(header.Replace('-', '+').Replace('_', '/'))));
    }

    [Fact]
    public void The_engine_gets_an_identity_token_without_a_password()
    {
        var header = new RegistryCredential("https://index.docker.io/v1/", null, null, "refresh").ToRegistryAuthHeader();

        Assert.Equal(
            """{"identitytoken":"refresh","serveraddress":"https://index.docker.io/v1/"}""",
            Encoding.UTF8.GetString(Convert.FromBase64String(header.Replace('-', '+').Replace('_', '/'))));
    }

    [Fact]
    public void A_login_does_not_print_itself() =>
        Assert.Equal("login for r.io", new RegistryCredential("r.io", "bob", "secret", "token").ToString());

    private RegistryCredentials Create(string? config) =>
        new(new TrustDataOptions { CacheDirectory = _directory.FullName, CredentialsFile = Write(config) }, TimeProvider.System);

    private string Write(string? config)
    {
        var path = Path.Combine(_directory.FullName, "config.json");
        if (config is not null)
        {
            File.WriteAllText(path, config);
        }

        return path;
    }
}
