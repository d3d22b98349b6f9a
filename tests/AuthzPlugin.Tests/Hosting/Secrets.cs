using System.Text;
using System.Text.Json;
using AuthzPlugin.Protocol;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Tests.Support;

namespace AuthzPlugin.Tests.Hosting;

/// <summary>No password and no token is in the log (at any level), in the audit log, in an answer, in the status or in a file, however a login ends.</summary>
public sealed class Secrets
{
    private const string Password = "pa55-W0RD-never-shown";
    private const string Identity = "1dent1ty-T0KEN-never-shown";
    private const string Bearer = "be4rer-T0KEN-never-shown";
    private const string Login = $$$$"""{"auths":{"registry.example.com":{"username":"bob","password":"{{{{Password}}}}"}}}""";
    private const string TokenLogin = $$$$"""{"auths":{"registry.example.com":{"identitytoken":"{{{{Identity}}}}"}}}""";

    /// <summary>Each is a login file, the rules of the server, and whether metadata can be had.</summary>
    public static TheoryData<string> Endings => [.. Cases.Keys];

    private static readonly Dictionary<string, (string File, TokenRules Rules, bool Works)> Cases = new()
    {
        ["the login is accepted"] = (Login, new TokenRules { Username = "bob", Password = Password }, true),
        ["the password is wrong"] = (Login, new TokenRules { Username = "bob", Password = "another" }, false),
        ["basic, accepted"] = (Login, new TokenRules { Scheme = "Basic", Username = "bob", Password = Password }, true),
        ["basic, the password is wrong"] = (Login, new TokenRules { Scheme = "Basic", Username = "bob", Password = "another" }, false),
        ["the token server fails"] = (Login, new TokenRules { Username = "bob", Password = Password, TokenStatus = 500 }, false),
        ["the token server says the password back, in no JSON"] = (Login, new TokenRules { Username = "bob", Password = Password, TokenBody = $"{Password} is right" }, false),
        ["the token server says the password back, in JSON"] = (Login, new TokenRules { Username = "bob", Password = Password, TokenBody = $$"""{"token":["{{Password}}"],"{{Password}}":1}""" }, false),
        ["the token is not accepted"] = (Login, new TokenRules { Username = "bob", Password = Password, TokenBody = $$"""{"token":"{{Bearer}}","expires_in":300}""" }, false),
        ["the token is for a header of another kind"] = (Login, new TokenRules { Username = "bob", Password = Password, TokenBody = $$"""{"token":"{{Bearer}}\r\nX: y","expires_in":300}""" }, false),
        ["the identity token is accepted"] = (TokenLogin, new TokenRules { IdentityToken = Identity }, true),
        ["the identity token is wrong"] = (TokenLogin, new TokenRules { IdentityToken = "another" }, false),
        ["the file is no JSON"] = (Login[..^1], new TokenRules { Username = "bob", Password = Password }, false),
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Nothing_secret_is_shown_when(string ending)
    {
        var (file, rules, works) = Cases[ending];
        await using var service = await LoneService.StartAsync();
        await File.WriteAllTextAsync(service.Settings.CredentialsFile, file);
        service.Notary.Tokens = rules;

        var unsigned = await service.PullAsync("9");
        var signed = await service.PullAsync("1");

        Assert.False(unsigned.Allow || signed.Allow);
        Assert.Equal(works, unsigned.Message.Contains("is not signed", StringComparison.Ordinal));
        Assert.NotEmpty(service.Log.Lines);
        var status = JsonSerializer.Serialize(await service.StatusAsync(), AdminJson.Default.ServiceStatus);
        var shown = string.Join('\n', [.. service.Log.Lines.Select(l => l.Text), unsigned.Message, signed.Message, status, service.Written()]);
        Assert.Contains("\"seq\":2", shown, StringComparison.Ordinal);
        string[] secrets = [Password, Identity, Bearer, Convert.ToBase64String(Encoding.UTF8.GetBytes($"bob:{Password}")), .. rules.Given];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, shown, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_login_of_a_proxy_is_not_shown()
    {
        await using var service = await LoneService.StartAsync(s => s with { Proxy = new Uri($"http://bob:{Password}@127.0.0.1:1") });

        var answer = await service.PullAsync("9");

        var status = JsonSerializer.Serialize(await service.StatusAsync(), AdminJson.Default.ServiceStatus);
        var shown = string.Join('\n', [.. service.Log.Lines.Select(l => l.Text), answer.Message, status, service.Written(), service.Settings.ToString()]);
        Assert.DoesNotContain(Password, shown, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_refused_image_is_one_line_and_an_allowed_or_known_one_is_none()
    {
        await using var service = await LoneService.StartAsync();
        Assert.Contains("is not signed", (await service.PullAsync("9")).Message, StringComparison.Ordinal);
        Assert.Equal(2001, Assert.Single(service.Log.Lines, l => l.Level > Microsoft.Extensions.Logging.LogLevel.Debug).Id);
    }
}
