using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Commands;
using AuthzPlugin.Hosting;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Tests.Commands;

/// <summary>Commands that need no service.</summary>
public sealed class OfflineCommands : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ct-offline-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ContentTrustCommand.Create().Parse(words).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private Task<(int Code, string Output, string Error)> CheckAsync(string stanza, params string[] words)
    {
        File.WriteAllText(PathOf("daemon.json"), $$$"""{"builder":{"content-trust":{{{stanza}}}}}""");
        return RunAsync(["check-config", "--daemon-config", PathOf("daemon.json"), "--policy-file", PathOf("none.json"), "--admin-socket", PathOf("none.sock"), .. words]);
    }

    [Theory]
    [InlineData("root.json")]
    [InlineData("cert.pem")]
    public async Task Keys_of_a_file_are_shown_without_a_service(string name)
    {
        var repository = new TestRepository();
        var root = repository.Publish()["root"];
        if (name == "root.json")
        {
            await File.WriteAllBytesAsync(PathOf(name), root);
        }
        else
        {
            var key = JsonDocument.Parse(root).RootElement.GetProperty("signed").GetProperty("keys").EnumerateObject().First(k => k.Value.GetProperty("keytype").GetString()!.EndsWith("-x509", StringComparison.Ordinal));
            await File.WriteAllBytesAsync(PathOf(name), key.Value.GetProperty("keyval").GetProperty("public").GetBytesFromBase64());
        }

        var (code, output, _) = await RunAsync("keys", PathOf(name));
        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains($"\"root-keys\": {{ \"{repository.Repository}\": [\"{repository.Root.Keys[0].CanonicalId}\"] }}", output, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await RunAsync("keys", "--json", PathOf(name))).Output).RootElement;
        Assert.Equal(repository.Root.Keys[0].CanonicalId, json.GetProperty("keys")[0].GetProperty("root-key-id").GetString());
    }

    [Theory]
    [InlineData("mirantis", """{ "content-trust": { "mode": "enforced" } }""", ExitCodes.Ok, "stricter")]
    [InlineData("containers-policy", """{ "default": [{ "type": "sigstoreSigned", "keyPath": "/a.pub" }] }""", ExitCodes.Failed, "looser")]
    [InlineData("notation", """{ "version": "1.0", "trustPolicies": [{ "registryScopes": ["*"], "signatureVerification": { "level": "strict" } }] }""", ExitCodes.Ok, "to-do")]
    [InlineData("notation", "{}", ExitCodes.BadConfiguration, null)]
    [InlineData("containers-policy", "", ExitCodes.BadConfiguration, null)]
    public async Task An_import_prints_the_stanza_and_beside_it_what_is_different(string format, string text, int expected, string? effect)
    {
        await File.WriteAllTextAsync(PathOf("policy"), text);
        var (code, output, error) = await RunAsync("import", format, PathOf("policy"));
        var (jsonCode, json, jsonError) = await RunAsync("import", format, "--json", PathOf("policy"));

        Assert.Equal((expected, expected, ""), (code, jsonCode, jsonError));
        var answer = JsonDocument.Parse(json).RootElement;
        if (effect is null)
        {
            Assert.Equal("", output);
            Assert.Contains("next:", error, StringComparison.Ordinal);
            Assert.True(!answer.TryGetProperty("stanza", out _) && answer.GetProperty("problems").GetArrayLength() > 0);
            return;
        }

        Assert.Equal("enforced", JsonDocument.Parse(output).RootElement.GetProperty("mode").GetString());
        Assert.StartsWith($"{effect}: ", error, StringComparison.Ordinal);
        Assert.Equal("enforced", answer.GetProperty("stanza").GetProperty("mode").GetString());
        Assert.Equal(effect, answer.GetProperty("differences")[0].GetProperty("effect").GetString());
    }

    [Fact]
    public async Task Keys_of_what_is_no_key_is_one_line()
    {
        await File.WriteAllTextAsync(PathOf("x"), "nothing");
        var (code, output, error) = await RunAsync("keys", PathOf("x"));
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Check_config_shows_wide_patterns_aliases_and_the_policy_and_says_what_it_could_not_look_at()
    {
        var key = new string('a', 64);
        var stanza = $$$$"""{"mode":"enforced","trust-pinning":{"library-images":true,"root-keys":{"registry.example.com/org*":["{{{{key}}}}"]}}}""";

        var (code, output, _) = await CheckAsync(stanza);
        Assert.Equal(ExitCodes.Ok, code);
        Assert.All(
            ["which also covers registry.example.com/org-other/app", "official-library-images", "effective policy", "  mode                            enforced", $"root-keys registry.example.com/org*: {key}", "note: whether each pin matches something on this host was not looked at"],
            text => Assert.Contains(text, output, StringComparison.Ordinal));

        var json = JsonDocument.Parse((await CheckAsync(stanza, "--json")).Output).RootElement;
        Assert.True(json.GetProperty("warnings").GetArrayLength() >= 2);
        Assert.Contains("was not looked at", json.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal("enforced", json.GetProperty("policy").GetProperty("mode")[0].GetString());
    }

    [Fact]
    public async Task Check_config_ends_with_78_and_every_problem()
    {
        var (code, output, _) = await CheckAsync("""{"mode":"enforcd","freshnes":"10s"}""");
        Assert.Equal(ExitCodes.BadConfiguration, code);
        Assert.Contains("2 problems", output, StringComparison.Ordinal);
        Assert.All(["mode", "freshnes", "found:", "legal:", "next:"], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("cache", "list")]
    [InlineData("verify", "alpine")]
    [InlineData("explain", "--uri", "/x")]
    [InlineData("report", "--host")]
    [InlineData("break-glass", "--end")]
    public async Task Without_the_service_it_is_one_line_and_69(params string[] words)
    {
        var (code, output, error) = await RunAsync([.. words, "--admin-socket", PathOf("none.sock")]);
        Assert.Equal((ExitCodes.Unavailable, ""), (code, output));
        Assert.Contains("systemctl status content-trust", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }
}
