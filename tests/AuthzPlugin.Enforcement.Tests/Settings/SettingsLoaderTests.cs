using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using static AuthzPlugin.Enforcement.Tests.Settings.SettingsTexts;

namespace AuthzPlugin.Enforcement.Tests.Settings;

public class SettingsLoaderTests
{
    private const string Key = "CONTENT_TRUST_ENGINE_SOCKET";

    [Theory]
    [InlineData("default", null, null, null, "/run/docker.sock")]
    [InlineData("file", "/file", null, null, "/file")]
    [InlineData("environment over file", "/file", "/env", null, "/env")]
    [InlineData("command line over environment", "/file", "/env", "/option", "/option")]
    [InlineData("command line over file", "/file", null, "/option", "/option")]
    public void The_strongest_source_wins(string name, string? file, string? variable, string? option, string expected)
    {
        var result = Load(
            file is null ? null : $$"""{ "engine-socket": "{{file}}" }""",
            variable is null ? null : new Dictionary<string, string> { [Key] = variable, ["PATH"] = "/bin", ["DOCKER_CONTENT_TRUST"] = "1" },
            option is null ? [] : [("engine-socket", option)]);

        Assert.Equal((name, expected), (name, result.Settings!.EngineSocket));
    }

    [Fact]
    public void Every_kind_of_value_is_read_from_a_file()
    {
        var settings = Load("""
            {
              "token-realms": ["auth.example.com", "auth.example.com:8443"], "proxy": "http://proxy.example.com:3128",
              "decision-timeout": "1m", "max-message-size": "32MiB", "max-approvals": 5000
            }
            """).Settings!;

        Assert.Equal(["auth.example.com", "auth.example.com:8443"], settings.TokenRealms);
        Assert.Equal(new Uri("http://proxy.example.com:3128"), settings.Proxy);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.DecisionTimeout);
        Assert.Equal(32 * 1024 * 1024, settings.MaxMessageSize);
        Assert.Equal(5000, settings.MaxApprovals);
    }

    [Fact]
    public void Every_kind_of_value_is_read_from_the_environment()
    {
        var settings = Load(null, new Dictionary<string, string>
        {
            ["CONTENT_TRUST_TOKEN_REALMS"] = "auth.example.com, auth.example.com:8443",
            ["CONTENT_TRUST_PROXY"] = "http://proxy.example.com:3128",
            ["CONTENT_TRUST_DECISION_TIMEOUT"] = "1m",
            ["CONTENT_TRUST_MAX_MESSAGE_SIZE"] = "32MiB",
            ["CONTENT_TRUST_MAX_APPROVALS"] = "5000",
        }).Settings!;

        Assert.Equal(["auth.example.com", "auth.example.com:8443"], settings.TokenRealms);
        Assert.Equal(new Uri("http://proxy.example.com:3128"), settings.Proxy);
        Assert.Equal((60, 32 * 1024 * 1024, 5000), (settings.DecisionTimeout.TotalSeconds, settings.MaxMessageSize, settings.MaxApprovals));
    }

    [Fact]
    public void An_empty_text_takes_back_a_list_or_a_proxy()
    {
        var settings = Load(
            """{ "token-realms": ["auth.example.com"], "proxy": "http://proxy.example.com:3128" }""",
            null,
            ("token-realms", ""),
            ("proxy", "")).Settings!;

        Assert.Empty(settings.TokenRealms);
        Assert.Null(settings.Proxy);
    }

    [Theory]
    [InlineData("\"engine-sock\": \"/x\"", "engine-sock", "the unknown key \"engine-sock\"", "did you mean \"engine-socket\"")]
    [InlineData("\"mode\": \"enforced\"", "mode", "the unknown key \"mode\"", "remove it")]
    [InlineData("\"socket\": \"/a\", \"socket\": \"/b\"", "socket", "the key 2 times", "remove all but one")]
    [InlineData("\"socket\": \"run/x.sock\"", "socket", "\"run/x.sock\"", "write a path that begins with /")]
    [InlineData("\"socket\": \"\"", "socket", "\"\"", "write a path that begins with /")]
    [InlineData("\"socket\": \"/a\\nb\"", "socket", "\"/a\\u000ab\"", "write a path that begins with /")]
    [InlineData("\"socket\": 7", "socket", "7", "write a path that begins with /")]
    [InlineData("\"state-dir\": null", "state-dir", "null", "write a path that begins with /")]
    [InlineData("\"decision-timeout\": 10", "decision-timeout", "10", "write a string of whole numbers, each with its unit")]
    [InlineData("\"decision-timeout\": \"0s\"", "decision-timeout", "\"0s\"", "choose a value in that range")]
    [InlineData("\"max-message-size\": \"16MB\"", "max-message-size", "\"16MB\"", "write a string of a whole number and a unit")]
    [InlineData("\"max-message-size\": \"99999999MiB\"", "max-message-size", "\"99999999MiB\"", "write a string of a whole number and a unit")]
    [InlineData("\"max-message-size\": \"1B\"", "max-message-size", "\"1B\"", "choose a size in that range")]
    [InlineData("\"max-message-size\": 16", "max-message-size", "16", "write a string of a whole number and a unit")]
    [InlineData("\"max-approvals\": \"5000\"", "max-approvals", "\"5000\"", "write a number in that range")]
    [InlineData("\"max-approvals\": 5e3", "max-approvals", "5e3", "write a number in that range")]
    [InlineData("\"max-approvals\": -1", "max-approvals", "-1", "write a number in that range")]
    [InlineData("\"max-approvals\": 99999999999", "max-approvals", "99999999999", "write a number in that range")]
    [InlineData("\"token-realms\": \"auth.example.com\"", "token-realms", "\"auth.example.com\"", "write [ \"…\" ]")]
    [InlineData("\"token-realms\": [1]", "token-realms[0]", "1", "write it in quotes")]
    [InlineData("\"token-realms\": [\"https://auth.example.com\"]", "token-realms[0]", "\"https://auth.example.com\"", "write it in lower case, without scheme and path")]
    [InlineData("\"token-realms\": [\"a\", \"Auth.example.com\"]", "token-realms[1]", "\"Auth.example.com\"", "write it in lower case, without scheme and path")]
    [InlineData("\"token-realms\": [\"auth.example.com:443\"]", "token-realms[0]", "\"auth.example.com:443\"", "write it in lower case, without scheme and path")]
    [InlineData("\"token-realms\": [\"\"]", "token-realms[0]", "\"\"", "write it in lower case, without scheme and path")]
    [InlineData("\"proxy\": \"proxy.example.com:3128\"", "proxy", "\"proxy.example.com:3128\"", "write the proxy's URL without a path, or \"\" for HTTPS_PROXY of the unit")]
    [InlineData("\"proxy\": \"http://joe:hunter2@proxy/path\"", "proxy", "a URL with user information (not shown)", "write the proxy's URL without a path, or \"\" for HTTPS_PROXY of the unit")]
    [InlineData("\"proxy\": null", "proxy", "null", "write the proxy's URL without a path, or \"\" for HTTPS_PROXY of the unit")]
    [InlineData("\"engine-timeout\": \"10s\"", "engine-timeout", "\"10s\"", "lower it, or raise decision-timeout")]
    [InlineData("\"trust-server-request-timeout\": \"30s\"", "trust-server-request-timeout", "\"30s\"", "lower it, or raise decision-timeout")]
    [InlineData("\"trust-server-retry\": \"2m\"", "trust-server-retry", "\"2m\"", "lower it, or raise the other")]
    [InlineData("\"admin-socket\": \"/run/docker.sock\"", "socket", "one path for two of socket, admin-socket, gate-socket and engine-socket", "change one of them")]
    public void A_bad_setting_is_one_problem(string member, string path, string found, string nextStep)
    {
        var result = Load("{ " + member + " }");

        Assert.Null(result.Settings);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((path, found, nextStep), (problem.Path, problem.Found, problem.NextStep));
    }

    [Theory]
    [InlineData("", "$")]
    [InlineData("[]", "$")]
    [InlineData("{ \"socket\": }", "$")]
    public void A_file_that_is_no_object_is_one_problem(string file, string path) =>
        Assert.Equal(("file", path), Place(Assert.Single(Load(file).Problems)));

    [Fact]
    public void Problems_of_all_sources_are_reported_at_once_also_of_overruled_values()
    {
        var result = Load(
            """{ "socket": 1, "max-approvals": 1, "colour": 1 }""",
            new Dictionary<string, string> { ["CONTENT_TRUST_MAX_APPROVALS"] = "many", ["CONTENT_TRUST_SOKET"] = "/x" },
            ("socket", "/good.sock"),
            ("max-aprovals", "5000"),
            ("engine-timeout", "fast"));

        Assert.Equal(
            [
                ("file", "socket"),
                ("file", "max-approvals"),
                ("file", "colour"),
                ("environment", "CONTENT_TRUST_MAX_APPROVALS"),
                ("environment", "CONTENT_TRUST_SOKET"),
                ("command line", "--max-aprovals"),
                ("command line", "--engine-timeout"),
            ],
            result.Problems.Select(Place));
        Assert.Equal("did you mean CONTENT_TRUST_SOCKET", result.Problems[4].NextStep);
        Assert.Equal("did you mean --max-approvals", result.Problems[5].NextStep);
    }

    [Fact]
    public void An_option_twice_is_a_problem() =>
        Assert.Equal("--socket", Assert.Single(Load(null, null, ("socket", "/a"), ("socket", "/b")).Problems).Path);

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    public void A_socket_path_has_the_length_that_the_kernel_allows(int length, bool good) =>
        Assert.Equal(good, Load(null, null, ("socket", "/" + new string('s', length - 1))).Settings is not null);

    [Theory]
    [InlineData(null, null, "/etc/content-trust/settings.json", false)]
    [InlineData(null, "/env.json", "/env.json", true)]
    [InlineData("/option.json", "/env.json", "/option.json", true)]
    public void The_settings_file_is_named_by_option_then_environment(string? option, string? variable, string file, bool mustExist)
    {
        var environment = new Dictionary<string, string>();
        if (variable is not null)
        {
            environment["CONTENT_TRUST_SETTINGS"] = variable;
        }

        var sources = SettingsSources.Create(option, environment, []);

        Assert.Equal((file, mustExist), (sources.File, sources.FileMustExist));
    }

    [Fact]
    public void A_named_file_that_does_not_exist_is_a_problem()
    {
        var environment = new Dictionary<string, string> { [SettingsSources.FileVariable] = "/nonexistent/settings.json" };

        var result = SettingsLoader.Load(SettingsSources.Create(null, environment, []));

        var problem = Assert.Single(result.Problems);
        Assert.Equal(("/nonexistent/settings.json", "$", "no file"), (problem.Source, problem.Path, problem.Found));
    }

    [Fact]
    public void Written_settings_leave_out_the_login_of_a_proxy()
    {
        var text = Load(null, null, ("proxy", "http://joe:hunter2@proxy.example.com:3128")).Settings!.ToString();

        Assert.Contains("\"proxy\": \"http://proxy.example.com:3128\"", text);
        Assert.DoesNotContain("hunter2", text);
    }

    [Fact]
    public void Every_setting_is_described_for_the_command_line()
    {
        Assert.Contains(new SettingDescription("engine-socket", Key, "\"/run/docker.sock\""), SettingDescription.All);
        Assert.Equal(typeof(ServiceSettings).GetProperties().Length, SettingDescription.All.Count);
    }

    private static (string Source, string Path) Place(PolicyProblem p) => (p.Source, p.Path);
}
