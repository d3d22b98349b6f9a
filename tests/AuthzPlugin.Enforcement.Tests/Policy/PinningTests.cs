using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Pinning;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class PinningTests
{
    private const string Pinning = "builder.content-trust.trust-pinning.";

    [Theory]
    [InlineData("registry.example.com/team/*")]
    [InlineData("registry.example.com/team/app")]
    [InlineData("registry.example.com:5000/*")]
    [InlineData("docker.io/library/*")]
    [InlineData("docker.io/library/alpine")]
    [InlineData("docker.io/*")]
    [InlineData("localhost/*")]
    [InlineData("localhost:5000/demo/app")]
    [InlineData("[::1]:5000/*")]
    public void A_full_name_is_a_pattern_without_warnings(string pattern)
    {
        var result = ReadRootKeys(pattern, $"[\"{KeyA}\"]");

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        Assert.Equal(pattern, Assert.Single(result.Policy!.Pins.All).Pattern);
    }

    [Theory]
    [InlineData("*", "every repository of every registry")]
    [InlineData("registry.example.com/org*", "also covers registry.example.com/org-other/app")]
    [InlineData("registry.example.com*", "registry.example.com.attacker.example")]
    [InlineData("registry.example.com:50*", "every registry whose host begins so")]
    [InlineData("alp*", "every registry whose host begins so")]
    [InlineData("[::*", "every registry whose host begins so")]
    public void A_wildcard_that_does_not_follow_a_slash_is_warned_about(string pattern, string found)
    {
        var result = ReadRootKeys(pattern, $"[\"{KeyA}\"]");

        Assert.NotNull(result.Policy);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal($"{Pinning}root-keys[\"{pattern}\"]", warning.Path);
        Assert.Contains(found, warning.Found);
    }

    [Theory]
    [InlineData("", "which is empty", "write the repository's full name")]
    [InlineData("alpine", "which matches nothing", "write \"docker.io/library/alpine\"")]
    [InlineData("foo/bar", "which matches nothing", "write \"docker.io/foo/bar\"")]
    [InlineData("foo/*", "which matches nothing", "write \"docker.io/foo/*\"")]
    [InlineData("library/*", "which matches nothing", "write \"docker.io/library/*\"")]
    [InlineData("docker.io/alpine", "which matches nothing", "write \"docker.io/library/alpine\"")]
    [InlineData("index.docker.io/library/*", "which matches nothing", "write \"docker.io/library/*\"")]
    [InlineData("https://registry.example.com/*", "which matches nothing", "write \"registry.example.com/*\"")]
    [InlineData("https://registry.example.com/a", "is not a valid image reference", "write \"registry.example.com/a\"")]
    [InlineData("registry.example.com/Team/*", "which matches nothing", "write the repository's full name")]
    [InlineData("registry.example.com/Team/app", "repository names are lower case", "write the repository's full name")]
    [InlineData("registry.example.com/app:1", "a tag or digest", "write \"registry.example.com/app\"")]
    [InlineData("registry.example.com/app/", "is not a valid image reference", "write \"registry.example.com/app/*\"")]
    [InlineData("registry.example.com//*", "which matches nothing", "write the repository's full name")]
    [InlineData("registry.example.com/a b/*", "which matches nothing", "write the repository's full name")]
    [InlineData("registry.example.com", "a registry without a repository", "write \"registry.example.com/*\"")]
    [InlineData("registry.example.com:5000", "a registry without a repository", "write \"registry.example.com:5000/*\"")]
    [InlineData("registry.*/app", "a * before the end", "write * as the last character only")]
    [InlineData("registry.example.com/**", "a * before the end", "write * as the last character only")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "is an image id", "write the repository's full name")]
    public void A_pattern_that_can_match_nothing_is_a_problem(string pattern, string found, string nextStep)
    {
        var problem = Assert.Single(ReadRootKeys(pattern, $"[\"{KeyA}\"]").Problems);

        Assert.StartsWith(Pinning + "root-keys", problem.Path);
        Assert.Contains(found, problem.Found);
        Assert.StartsWith(nextStep, problem.NextStep);
    }

    [Theory]
    [InlineData("[]", "", "an empty list", "write the id of a root key, or remove the entry")]
    [InlineData("{}", "", "an object", "write [ \"…\" ]")]
    [InlineData("\"x\"", "", "\"x\"", "write [ \"…\" ]")]
    [InlineData("[\"abcd\"]", "[0]", "\"abcd\"", "copy the whole id: this has 4 characters")]
    [InlineData("[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]", "[0]", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "write it in lower case and without spaces")]
    [InlineData("[\"sha256:aa\"]", "[0]", "\"sha256:aa\"", "leave out \"sha256:\"")]
    [InlineData("[7]", "[0]", "7", "write it in quotes")]
    [InlineData("[null]", "[0]", "null", "write it in quotes")]
    public void Bad_ids_are_problems(string ids, string item, string found, string nextStep)
    {
        var problem = Assert.Single(ReadRootKeys("registry.example.com/team/*", ids).Problems);

        Assert.Equal(
            ($"{Pinning}root-keys[\"registry.example.com/team/*\"]{item}", found, nextStep),
            (problem.Path, problem.Found, problem.NextStep));
    }

    [Fact]
    public void The_same_id_twice_is_a_warning()
    {
        var result = ReadRootKeys("registry.example.com/team/*", $"[\"{KeyA}\", \"{KeyA}\"]");

        Assert.Contains("2 times", Assert.Single(result.Warnings).Found);
        Assert.Single(result.Policy!.Pins.All[0].Ids);
    }

    [Fact]
    public void The_same_pattern_twice_is_a_problem()
    {
        var result = ReadPinning($$"""{ "root-keys": { "reg.example/*": ["{{KeyA}}"], "reg.example/*": ["{{KeyB}}"] } }""");

        Assert.Equal("the key 2 times", Assert.Single(result.Problems).Found);
    }

    [Fact]
    public void Cert_ids_take_no_wildcard()
    {
        var problem = Assert.Single(ReadPinning($$"""{ "cert-ids": { "registry.example.com/*": ["{{KeyA}}"] } }""").Problems);

        Assert.Equal(Pinning + "cert-ids[\"registry.example.com/*\"]", problem.Path);
        Assert.Contains("use root-keys", problem.NextStep);
    }

    [Fact]
    public void A_root_keys_entry_behind_cert_ids_of_the_same_repository_is_never_reached()
    {
        var result = ReadPinning($$"""{ "root-keys": { "reg.example/a": ["{{KeyA}}"] }, "cert-ids": { "reg.example/a": ["{{KeyB}}"] } }""");

        var problem = Assert.Single(result.Problems);
        Assert.Equal(Pinning + "root-keys[\"reg.example/a\"]", problem.Path);
        Assert.Contains("never reached", problem.Found);
    }

    [Theory]
    [InlineData("\"root-key\": {}", "root-key", "did you mean \"root-keys\"")]
    [InlineData("\"ca\": {}", "ca", "remove it")]
    [InlineData("\"mode\": \"enforced\"", "mode", "move \"mode\" out of trust-pinning into the stanza")]
    [InlineData("\"official-library-images\": \"yes\"", "official-library-images", "write true or false")]
    [InlineData("\"root-keys\": []", "root-keys", "write { … }")]
    public void Bad_members_of_trust_pinning_are_problems(string member, string path, string nextStep)
    {
        var problem = Assert.Single(ReadPinning("{ " + member + " }").Problems);

        Assert.Equal((Pinning + path, nextStep), (problem.Path, problem.NextStep));
    }

    [Fact]
    public void Official_images_add_a_pin_and_a_warning_that_their_data_has_expired()
    {
        var result = ReadPinning("""{ "official-library-images": true }""");

        var pin = Assert.Single(result.Policy!.Pins.All);
        Assert.Equal(("docker.io/library/*", PinKind.RootKeys), (pin.Pattern, pin.Kind));
        Assert.Equal("c15164663f80d58bf3d8d5a0cd08b8086cba02065feb00421fc2a5436c563210", Assert.Single(pin.Ids));
        Assert.Contains("expired", Assert.Single(result.Warnings).Found);
    }

    [Fact]
    public void The_administrators_own_entry_for_official_images_decides_alone()
    {
        var result = ReadPinning($$"""{ "library-images": true, "root-keys": { "docker.io/library/*": ["{{KeyA}}"] } }""");

        Assert.Equal(KeyA, Assert.Single(Assert.Single(result.Policy!.Pins.All).Ids));
        Assert.Equal([Pinning + "library-images", Pinning + "library-images"], result.Warnings.Select(w => w.Path));
        Assert.Contains("decides alone", result.Warnings[1].Found);
    }

    private static PolicyLoadResult ReadPinning(string pinning) => ReadStanza($$"""{ "mode": "enforced", "trust-pinning": {{pinning}} }""");

    private static PolicyLoadResult ReadRootKeys(string pattern, string ids) => ReadPinning($$"""{ "root-keys": { "{{pattern}}": {{ids}} } }""");
}
