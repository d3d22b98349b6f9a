using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>Logins at trust servers (notary-v1.md 1.3) and where a login may go.</summary>
public sealed class TokenFlowTests : IAsyncLifetime
{
    private TrustDataLab _lab = null!;

    public async Task InitializeAsync() => _lab = await TrustDataLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task An_anonymous_token_is_fetched_once_for_the_full_repository_name()
    {
        _lab.Server.Tokens = new TokenRules();

        await _lab.GetAsync();

        var (method, parameters, authorization) = Assert.Single(_lab.Server.Tokens.Requests);
        Assert.Equal("GET", method);
        Assert.Equal("?service=a%20%22quoted%22%20service&scope=repository%3Aregistry.example.com%2Fteam%2Fapp%3Apull", parameters);
        Assert.Null(authorization);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task User_and_password_go_to_the_token_server(bool onlyAtPing)
    {
        Login("""{"auths":{"registry.example.com":{"auth":"Ym9iOnNlOmNyZXQ="}}}""");
        _lab.Server.Tokens = new TokenRules { Username = "bob", Password = "se:cret", ChallengeOnlyAtPing = onlyAtPing };

        await _lab.GetAsync();

        var (_, parameters, authorization) = Assert.Single(_lab.Server.Tokens.Requests);
        Assert.EndsWith("&account=bob", parameters, StringComparison.Ordinal);
        Assert.Equal("Basic Ym9iOnNlOmNyZXQ=", authorization);
    }

    [Fact]
    public async Task An_identity_token_is_posted()
    {
        Login("""{"auths":{"registry.example.com":{"identitytoken":"refresh me"}}}""");
        _lab.Server.Tokens = new TokenRules { IdentityToken = "refresh me" };

        await _lab.GetAsync();

        var (method, parameters, authorization) = Assert.Single(_lab.Server.Tokens.Requests);
        Assert.Equal("POST", method);
        Assert.Contains("grant_type=refresh_token&refresh_token=refresh me", parameters, StringComparison.Ordinal);
        Assert.Contains("scope=repository:registry.example.com/team/app:pull&client_id=docker", parameters, StringComparison.Ordinal);
        Assert.Null(authorization);
    }

    [Fact]
    public async Task Basic_is_answered_with_the_login_itself()
    {
        Login("""{"auths":{"registry.example.com":{"username":"bob","password":"secret"}}}""");
        _lab.Server.Tokens = new TokenRules { Scheme = "Basic", Username = "bob", Password = "secret" };

        Assert.False((await _lab.GetAsync()).Stale);
        Assert.Empty(_lab.Server.Tokens.Requests);
    }

    [Fact]
    public async Task A_token_that_ends_early_is_replaced_once()
    {
        _lab.Server.Tokens = new TokenRules();
        await _lab.GetAsync();
        _lab.Server.Tokens = new TokenRules();

        Assert.False((await _lab.GetAsync()).Stale);
        Assert.Single(_lab.Server.Tokens.Requests);
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_ends_the_matter_after_one_retry_even_with_a_cache()
    {
        await _lab.GetAsync();
        var before = _lab.Disk();
        _lab.Server.ForgetRequests();
        _lab.Server.Tokens = new TokenRules { TokensAreUseless = true };

        var e = Assert.IsType<TransportException>(await _lab.FailAsync());

        Assert.Equal(TransportFault.LoginNeeded, e.Fault);
        Assert.Single(_lab.Server.Tokens.Requests);
        Assert.Equal(["timestamp", "timestamp"], _lab.Server.Requests);
        Assert.Equal(before, _lab.Disk());
    }

    [Fact]
    public async Task Without_a_login_the_message_says_whose_login_counts_and_where_to_put_it()
    {
        _lab.Server.Tokens = new TokenRules { Scheme = "Basic", Username = "bob", Password = "secret" };

        var e = await _lab.FailAsync();

        Assert.Equal(
            $"trust server {_lab.Server.Url.ToString().TrimEnd('/')} asks for a login and the plugin has none (users' logins are not visible to plugins); add one for registry.example.com to {_lab.Options.CredentialsFile}",
            e.Message);
    }

    private static readonly Dictionary<string, (Action<TokenRules> Rules, string Fault, string Text)> Refusals = new()
    {
        ["wrong password"] = (r => (r.Username, r.Password) = ("bob", "other"), "LoginNeeded", "does not accept the login for registry.example.com in "),
        ["403 of the token server"] = (r => r.TokenStatus = 403, "LoginNeeded", "does not accept the login"),
        ["400 of the token server"] = (r => r.TokenStatus = 400, "TokenFlow", "refuses a token with the status 400"),
        ["redirect of the token server"] = (r => r.TokenStatus = 302, "TokenFlow", "refuses a token with the status 302"),
        ["503 of the token server"] = (r => r.TokenStatus = 503, "ServerError", "token server"),
        ["429 of the token server"] = (r => r.TokenStatus = 429, "TooManyRequests", "token server"),
        ["no JSON"] = (r => r.TokenBody = "<html>", "TokenFlow", "does not answer with a token"),
        ["no token"] = (r => r.TokenBody = "{}", "TokenFlow", "does not answer with a token"),
        ["an empty token"] = (r => r.TokenBody = """{"token":""}""", "TokenFlow", "does not answer with a token"),
        ["a token with a line feed"] = (r => r.TokenBody = """{"token":"a\nb"}""", "TokenFlow", "does not answer with a token"),
        ["a token that is a list"] = (r => r.TokenBody = "[]", "TokenFlow", "does not answer with a token"),
        ["a realm of another host"] = (r => r.Realm = "https://evil.example.com/token", "TokenFlow", "https://evil.example.com/token that is on a host that is not allowed"),
        ["a realm over http"] = (r => r.Realm = "http://registry.example.com/token", "TokenFlow", "is not an https URL"),
        ["a realm that is no URL"] = (r => r.Realm = "token", "TokenFlow", "that is not "),
        ["a realm with a user"] = (r => r.Realm = "https://registry.example.com@evil.example.com/", "TokenFlow", "that is not a URL"),
        ["auth.docker.io for another registry"] = (r => r.Realm = "https://auth.docker.io/token", "TokenFlow", "not allowed to get logins"),
    };

    public static TheoryData<string> RefusalRows() => [.. Refusals.Keys];

    [Theory]
    [MemberData(nameof(RefusalRows))]
    public async Task A_token_flow_that_fails(string row)
    {
        var (rules, fault, text) = Refusals[row];
        Login("""{"auths":{"registry.example.com":{"username":"bob","password":"secret"}}}""");
        _lab.Server.Tokens = new TokenRules();
        rules(_lab.Server.Tokens);

        var e = Assert.IsType<TransportException>(await _lab.FailAsync());

        Assert.Equal(fault, e.Fault.ToString());
        Assert.Contains(text, e.Message, StringComparison.Ordinal);
        Assert.Equal("", _lab.Disk());
    }

    [Fact]
    public async Task A_realm_on_a_host_of_the_settings_is_allowed()
    {
        await using var tokens = await NotarySimulator.StartAsync(host: "localhost");
        tokens.Tokens = new TokenRules();
        _lab.Server.Tokens = new TokenRules { Realm = new Uri(tokens.Url, "/token").ToString() };
        Assert.Equal("TokenFlow", AvailabilityTests.FaultOf(await _lab.FailAsync()));

        // Another port is another server.
        _lab.Options = _lab.Options with { TokenRealms = ["localhost"] };
        _lab.Restart();
        Assert.Equal("TokenFlow", AvailabilityTests.FaultOf(await _lab.FailAsync()));
        Assert.Empty(tokens.Tokens.Requests);

        _lab.Options = _lab.Options with { TokenRealms = [tokens.Url.Authority] };
        _lab.Restart();
        Assert.Equal("LoginNeeded", AvailabilityTests.FaultOf(await _lab.FailAsync()));
        Assert.Single(tokens.Tokens.Requests);
    }

    [Fact]
    public async Task A_damaged_credentials_file_is_named()
    {
        Login("{");
        _lab.Server.Tokens = new TokenRules();

        var e = Assert.IsType<TransportException>(await _lab.FailAsync());

        Assert.Equal(TransportFault.LoginNeeded, e.Fault);
        Assert.EndsWith($"asks for a login and the credentials file {_lab.Options.CredentialsFile} is not valid JSON", e.Message, StringComparison.Ordinal);
        Assert.Equal("add or correct the login, then try again", TrustDataHints.For(e, _lab.Repository.Repository));
    }

    private void Login(string config) => File.WriteAllText(_lab.Options.CredentialsFile, config);
}
