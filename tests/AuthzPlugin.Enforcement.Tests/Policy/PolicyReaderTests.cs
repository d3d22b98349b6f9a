using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class PolicyReaderTests
{
    [Fact]
    public void Absent_keys_have_the_defaults_of_the_reference()
    {
        var policy = ReadStanza(Good).Policy!;

        Assert.False(policy.AllowExpiredCachedTrustData);
        Assert.Equal(TimeSpan.FromSeconds(10), policy.Freshness);
        Assert.Equal(TimeSpan.FromHours(72), policy.MaxStale);
        Assert.Equal(TimeSpan.FromHours(1), policy.DeletedGrace);
        Assert.Equal(StartCheck.Approval, policy.StartCheck);
        Assert.Empty(policy.TrustServers.All);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var result = ReadStanza($$"""
            {
              "mode": "permissive",
              "trust-pinning": {
                "official-library-images": false,
                "root-keys": { "registry.example.com/team/*": ["{{KeyA}}", "{{KeyB}}"] },
                "cert-ids": { "registry.example.com/legacy/app": ["{{KeyB}}"] }
              },
              "allow-expired-cached-trust-data": true,
              "trust-servers": { "registry.example.com": "https://notary.example.com:4443/", "localhost:5000/demo/*": "http://127.0.0.1:4443/sub" },
              "freshness": "1m30s", "max-stale": "24h", "deleted-grace": "90m", "start-check": "reverify",
              "builds": "refuse", "plugins": "refuse", "swarm": "refuse", "imports": "allow", "container-changes": "allow"
            }
            """);

        var policy = result.Policy!;
        Assert.Equal(EnforcementMode.Permissive, policy.Mode);
        Assert.True(policy.AllowExpiredCachedTrustData);
        Assert.Equal((90, 24, 90, StartCheck.Reverify), (policy.Freshness.TotalSeconds, policy.MaxStale.TotalHours, policy.DeletedGrace.TotalMinutes, policy.StartCheck));
        Assert.Equal([KeyA, KeyB], policy.Pins.Match(Repository("registry.example.com/team/x"))!.Ids.Order());
        Assert.Equal(PinKind.CertIds, policy.Pins.Match(Repository("registry.example.com/legacy/app"))!.Kind);
        Assert.Equal("https://notary.example.com:4443/", policy.TrustServers.For(Repository("registry.example.com/a")).AbsoluteUri);
        Assert.Equal("http://127.0.0.1:4443/sub", policy.TrustServers.For(Repository("localhost:5000/demo/app")).AbsoluteUri);
    }

    [Theory]
    [InlineData("disabled", EnforcementMode.Disabled)]
    [InlineData("permissive", EnforcementMode.Permissive)]
    [InlineData("enforced", EnforcementMode.Enforced)]
    public void Modes_are_read(string word, EnforcementMode mode) =>
        Assert.Equal(mode, ReadStanza($$"""{ "mode": "{{word}}" }""").Policy!.Mode);

    [Theory]
    [InlineData("\"Enforced\"", "\"Enforced\"", "did you mean \"enforced\"")]
    [InlineData("\"enforcd\"", "\"enforcd\"", "did you mean \"enforced\"")]
    [InlineData("\"disable\"", "\"disable\"", "did you mean \"disabled\"")]
    [InlineData("\"on\"", "\"on\"", "write one of them")]
    [InlineData("\"\"", "\"\"", "write one of them")]
    [InlineData("\"disabled \"", "\"disabled \"", "did you mean \"disabled\"")]
    [InlineData("\"disabled\\u0000\"", "\"disabled\\u0000\"", "did you mean \"disabled\"")]
    [InlineData("\"\\ud800\"", "\"\\ufffd\"", "write one of them")]
    [InlineData("null", "null", "write one of them")]
    [InlineData("false", "false", "write one of them")]
    [InlineData("0", "0", "write one of them")]
    [InlineData("[\"disabled\"]", "a list", "write one of them")]
    public void A_mode_that_is_none_is_a_problem(string value, string found, string nextStep)
    {
        var problem = Assert.Single(ReadStanza($$"""{ "mode": {{value}} }""").Problems);

        Assert.Equal(
            new PolicyProblem(DaemonPath, "builder.content-trust.mode", found, "\"disabled\", \"permissive\" or \"enforced\"", nextStep),
            problem);
    }

    [Theory]
    [InlineData("[]", "an object")]
    [InlineData("null", "an object")]
    [InlineData("\"enforced\"", "an object")]
    [InlineData("{}", "\"disabled\", \"permissive\" or \"enforced\"")]
    public void A_stanza_without_mode_is_a_problem(string stanza, string legal) =>
        Assert.Equal(legal, Assert.Single(ReadStanza(stanza).Problems).Legal);

    [Theory]
    [InlineData("\"freshnes\": \"1s\"", "freshnes", "the unknown key \"freshnes\"", "did you mean \"freshness\"")]
    [InlineData("\"Freshness\": \"1s\"", "Freshness", "the unknown key \"Freshness\"", "did you mean \"freshness\"")]
    [InlineData("\"color\": 1", "color", "the unknown key \"color\"", "remove it")]
    [InlineData("\"running\": \"kill\"", "running", "\"kill\"", "write one of them")]
    [InlineData("\"host-access\": \"forbid\"", "host-access", "\"forbid\"", "write one of them")]
    [InlineData("\"host-access-for\": \"*\"", "host-access-for", "\"*\"", "write [ \"…\" ]")]
    [InlineData("\"host-access-for\": [\"alpine\"]", "host-access-for[0]", "\"alpine\", which matches nothing", "write \"docker.io/library/alpine\", the full name")]
    [InlineData("\"root-keys\": {}", "root-keys", "the unknown key \"root-keys\"", "move \"root-keys\" into trust-pinning")]
    [InlineData("\"a\\nb\": {}", "[\"a\\u000ab\"]", "the unknown key \"a\\u000ab\"", "remove it")]
    [InlineData("\"mode\": \"enforced\"", "mode", "the key 2 times", "remove all but one")]
    [InlineData("\"freshness\": 10", "freshness", "10", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"10\"", "freshness", "\"10\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"\"", "freshness", "\"\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"-1s\"", "freshness", "\"-1s\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"1.5s\"", "freshness", "\"1.5s\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"1d\"", "freshness", "\"1d\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"5s1m\"", "freshness", "\"5s1m\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"10s\\n\"", "freshness", "\"10s\\u000a\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"freshness\": \"25h\"", "freshness", "\"25h\"", "choose a value in that range")]
    [InlineData("\"max-stale\": \"9999999h\"", "max-stale", "\"9999999h\"", "choose a value in that range")]
    [InlineData("\"max-stale\": \"99999999h\"", "max-stale", "\"99999999h\"", "write a string of whole numbers, each with its unit")]
    [InlineData("\"deleted-grace\": null", "deleted-grace", "null", "write a string of whole numbers, each with its unit")]
    [InlineData("\"start-check\": \"always\"", "start-check", "\"always\"", "write one of them")]
    [InlineData("\"start-check\": \"re-verify\"", "start-check", "\"re-verify\"", "did you mean \"reverify\"")]
    [InlineData("\"allow-expired-cached-trust-data\": \"true\"", "allow-expired-cached-trust-data", "\"true\"", "write it without quotes")]
    [InlineData("\"allow-expired-cached-trust-data\": 1", "allow-expired-cached-trust-data", "1", "write true or false")]
    [InlineData("\"swarm\": true", "swarm", "true", "write one of them")]
    [InlineData("\"imports\": \"refused\"", "imports", "\"refused\"", "did you mean \"refuse\"")]
    [InlineData("\"container-changes\": \"Allow\"", "container-changes", "\"Allow\"", "did you mean \"allow\"")]
    [InlineData("\"trust-servers\": []", "trust-servers", "a list", "write { … }")]
    public void A_bad_member_of_the_stanza_is_one_problem(string member, string key, string found, string nextStep)
    {
        var result = ReadWith(member);

        Assert.Null(result.Policy);
        var problem = Assert.Single(result.Problems);
        var path = key.StartsWith('[') ? "builder.content-trust" + key : "builder.content-trust." + key;
        Assert.Equal((DaemonPath, path, found, nextStep), (problem.Source, problem.Path, problem.Found, problem.NextStep));
        AssertIsPrintable(problem);
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var result = ReadStanza($$"""
            {
              "mod": "enforced",
              "trust-pinning": { "root-keys": { "alpine": [], "reg.example/*": ["{{KeyA}}", "x"] }, "cert-ids": 5 },
              "freshness": 1,
              "trust-servers": { "reg.example": "http://reg.example" }
            }
            """);

        Assert.Equal(
            [
                "builder.content-trust.mod",
                "builder.content-trust.trust-pinning.root-keys.alpine",
                "builder.content-trust.trust-pinning.root-keys.alpine",
                "builder.content-trust.trust-pinning.root-keys[\"reg.example/*\"][1]",
                "builder.content-trust.trust-pinning.cert-ids",
                "builder.content-trust.freshness",
                "builder.content-trust.trust-servers[\"reg.example\"]",
                "builder.content-trust.mode",
            ],
            result.Problems.Select(p => p.Path));
        Assert.All(result.Problems, AssertIsPrintable);
    }

    [Theory]
    [InlineData("\"allow-expired-trust-cache\": false", "allow-expired-trust-cache", "allow-expired-cached-trust-data")]
    [InlineData("\"trust-pinning\": { \"library-images\": false }", "trust-pinning.library-images", "official-library-images")]
    [InlineData("\"trust-pinning\": { \"official-images\": false }", "trust-pinning.official-images", "official-library-images")]
    public void A_historic_spelling_is_read_with_a_warning_that_names_the_new_one(string member, string path, string spelling)
    {
        var result = ReadStanza("{ \"mode\": \"disabled\", " + member + " }");

        Assert.NotNull(result.Policy);
        var warning = result.Warnings[0];
        Assert.Equal(("builder.content-trust." + path, $"rename it to \"{spelling}\""), (warning.Path, warning.NextStep));
    }

    [Theory]
    [InlineData("\"allow-expired-trust-cache\": false, \"allow-expired-cached-trust-data\": false", "allow-expired-cached-trust-data")]
    [InlineData("\"allow-expired-cached-trust-data\": true, \"allow-expired-trust-cache\": false", "allow-expired-trust-cache")]
    [InlineData("\"trust-pinning\": { \"official-library-images\": false, \"library-images\": false }", "trust-pinning.library-images")]
    [InlineData("\"trust-pinning\": { \"official-images\": false, \"library-images\": false }", "trust-pinning.library-images")]
    public void Two_spellings_of_one_key_are_a_problem(string members, string path)
    {
        var problem = Assert.Single(ReadStanza("{ \"mode\": \"disabled\", " + members + " }").Problems);

        Assert.Equal(("builder.content-trust." + path, "one spelling"), (problem.Path, problem.Legal));
    }

    [Theory]
    [InlineData("\"freshness\": \"0\"", "freshness", "every decision waits for the trust server")]
    [InlineData("\"freshness\": \"2h\"", "freshness", "a withdrawn signature counts for as long")]
    [InlineData("\"max-stale\": \"0s\"", "max-stale", "an outage of the trust server stops every new container")]
    [InlineData("\"max-stale\": \"8760h\"", "max-stale", "hides a withdrawal")]
    [InlineData("\"deleted-grace\": \"0\"", "deleted-grace", "one wrong 404")]
    [InlineData("\"deleted-grace\": \"48h\"", "deleted-grace", "deleted trust data counts")]
    [InlineData("\"allow-expired-cached-trust-data\": true", "allow-expired-cached-trust-data", "max-stale does not apply")]
    public void Legal_values_with_consequences_are_warned_about(string member, string path, string found)
    {
        var result = ReadWith(member);

        Assert.NotNull(result.Policy);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal("builder.content-trust." + path, warning.Path);
        Assert.Contains(found, warning.Found);
        AssertIsPrintable(warning);
    }

    [Theory]
    [InlineData("""{ "mode": "disabled" }""", "builder.content-trust.mode", "every image can run")]
    [InlineData("""{ "mode": "enforced" }""", "builder.content-trust.trust-pinning", "no pin: no image is trusted")]
    public void A_policy_that_lets_all_or_nothing_pass_is_warned_about(string stanza, string path, string found)
    {
        var warning = Assert.Single(ReadStanza(stanza).Warnings);

        Assert.Equal(path, warning.Path);
        Assert.Contains(found, warning.Found);
    }

    private static RepositoryName Repository(string name) =>
        ImageReferenceParser.TryParseNamed(name, out var reference, out _) ? reference.Repository : throw new ArgumentException(name);

    private static void AssertIsPrintable(PolicyProblem problem)
    {
        var text = problem.ToString();
        Assert.DoesNotContain(text, char.IsControl);
        Assert.False(text.EndsWith('.'), text);
        Assert.InRange(text.Length, 1, 1000);
    }

    [Fact]
    public void Access_to_the_host_for_all_is_a_warning_and_a_list_beside_it_another()
    {
        var result = ReadWith("\"host-access\": \"allow\", \"host-access-for\": [\"registry.example.com/infra/*\"]");

        Assert.Equal(PolicyAnswer.Allow, result.Policy!.HostAccess);
        Assert.Equal(["registry.example.com/infra/*"], result.Policy.HostAccessFor.Patterns);
        Assert.Equal(["builder.content-trust.host-access", "builder.content-trust.host-access-for"], result.Warnings.Select(w => w.Path));
        Assert.Equal(PolicyAnswer.Refuse, ReadStanza(Good).Policy!.HostAccess);
    }

    [Fact]
    public void Gates_are_read_and_open_builds_and_swarms_are_warnings()
    {
        var result = ReadWith("\"builds\": \"allow\", \"plugins\": \"allow\", \"swarm\": \"allow\", \"imports\": \"refuse\", \"container-changes\": \"refuse\"");

        Assert.Equal(["builder.content-trust.builds", "builder.content-trust.swarm"], result.Warnings.Select(w => w.Path));
        var opened = result.Policy!;
        Assert.Equal(
            (PolicyAnswer.Allow, PolicyAnswer.Allow, PolicyAnswer.Allow, PolicyAnswer.Refuse, PolicyAnswer.Refuse),
            (opened.Builds, opened.Plugins, opened.Swarm, opened.Imports, opened.ContainerChanges));
        var standard = ReadStanza(Good).Policy!;
        Assert.Equal(
            (PolicyAnswer.Refuse, PolicyAnswer.Refuse, PolicyAnswer.Refuse, PolicyAnswer.Allow, PolicyAnswer.Allow),
            (standard.Builds, standard.Plugins, standard.Swarm, standard.Imports, standard.ContainerChanges));
    }

    [Fact]
    public void Builds_alone_may_be_left_to_the_gate()
    {
        var result = ReadWith("\"builds\": \"gate\"");

        Assert.Equal(PolicyAnswer.Gate, result.Policy!.Builds);
        Assert.Empty(result.Warnings);
        Assert.All(["plugins", "swarm", "imports", "container-changes", "host-access"], key =>
            Assert.NotEmpty(ReadWith($"\"{key}\": \"gate\"").Problems));
    }
}
