using System.Text;
using AuthzPlugin.Enforcement.Import;
using AuthzPlugin.Testing.Signatures;
using static AuthzPlugin.Enforcement.Tests.Import.Imported;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>containers-policy.json(5): files as distributions and companies have them, and what is made of each requirement.</summary>
public sealed class ContainersPolicies : IDisposable
{
    private const string Refusing = """{"notary-v1":true}""";

    private readonly Imported _files = new();

    public void Dispose() => _files.Dispose();

    private static string Signed(string key) => $$"""[{ "type": "sigstoreSigned", "keyPath": "{{key}}", "signedIdentity": { "type": "matchRepository" } }]""";

    [Fact]
    public void The_file_that_distributions_ship_admits_nothing_here_and_says_so()
    {
        var result = _files.Containers("""
            { "default": [{ "type": "insecureAcceptAnything" }],
              "transports": { "docker-daemon": { "": [{ "type": "insecureAcceptAnything" }] } } }
            """);

        Assert.Equal("""{"mode":"enforced"}""", result.Stanza!.ToJsonString());
        Assert.False(result.IsLooser);
        HasNote(result, ImportEffect.Stricter, "default", "everything is admitted there");
        HasNote(result, ImportEffect.NotUsed, "transports.docker-daemon", "transport docker");
    }

    [Fact]
    public void A_company_s_file_becomes_entries_for_a_namespace_a_host_and_a_repository()
    {
        var (a, b) = (_files.Key("a.pub"), _files.Key("b.pub"));
        var result = _files.Containers($$"""
            { "default": [{ "type": "reject" }],
              "transports": { "docker": {
                "registry.example.com/team": {{Signed(a)}},
                "mirror.example.com:5000": [{ "type": "sigstoreSigned", "keyPaths": ["{{a}}", "{{b}}"] }],
                "docker.io/library/alpine": {{Signed(b)}},
                "registry.access.redhat.com": [{ "type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release" }],
                "quay.io/evil": [{ "type": "reject" }] } } }
            """);

        Assert.Equal(
            ["docker.io/library/alpine", "docker.io/library/alpine/*", "mirror.example.com:5000/*", "registry.example.com/team", "registry.example.com/team/*"],
            Patterns(result));
        Assert.Equal($$$"""{"cosign":{"keys":["{{{a}}}"]}}""", Entry(result, "registry.example.com/team/*"));
        Assert.Equal($$$"""{"cosign":{"keys":["{{{a}}}","{{{b}}}"]}}""", Entry(result, "mirror.example.com:5000/*"));
        HasNote(result, ImportEffect.Stricter, """transports.docker["registry.access.redhat.com"][0]""", "GPG signatures");
        HasNote(result, ImportEffect.Looser, """transports.docker["registry.example.com/team"][0]""", "matchRepository");
        HasNote(result, ImportEffect.Looser, """transports.docker["mirror.example.com:5000"][0]""", "matchRepoDigestOrExact");
        Assert.True(result.IsLooser);
        Assert.Equal(ImportEffect.Looser, result.Notes[0].Effect);
        Assert.Empty(Read(result).Problems);
    }

    [Fact]
    public void A_scope_that_refuses_below_one_that_admits_gets_an_entry_that_refuses()
    {
        var result = _files.Containers($$"""
            { "default": [{ "type": "reject" }],
              "transports": { "docker": { "r.example.com": {{Signed(_files.Key("a.pub"))}}, "r.example.com/old": [{ "type": "reject" }],
                "r.example.com/gpg": [{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "signedBy", "keyType": "GPGKeys", "keyPath": "/b" }] } } }
            """);

        Assert.Equal((Refusing, Refusing), (Entry(result, "r.example.com/old"), Entry(result, "r.example.com/old/*")));
        Assert.Equal((Refusing, Refusing), (Entry(result, "r.example.com/gpg"), Entry(result, "r.example.com/gpg/*")));
        HasNote(result, ImportEffect.ToDo, "transports.docker", "\"r.example.com/old/*\" refuses");
        var read = Read(result);
        Assert.Empty(read.Problems);
        Assert.Contains(read.Warnings, w => w.Found.Contains("no pin", StringComparison.Ordinal));
    }

    [Fact]
    public void One_tag_with_keys_of_its_own_makes_its_whole_repository_refused()
    {
        var (a, b) = (_files.Key("a.pub"), _files.Key("b.pub"));
        var result = _files.Containers($$"""
            { "default": [{ "type": "reject" }],
              "transports": { "docker": { "r.example.com/team": {{Signed(a)}}, "r.example.com/team/app:prod": {{Signed(b)}}, "r.example.com/lone:1": {{Signed(b)}} } } }
            """);

        Assert.Equal(Refusing, Entry(result, "r.example.com/team/app"));
        Assert.Null(Entry(result, "r.example.com/lone"));
        HasNote(result, ImportEffect.Stricter, """transports.docker["r.example.com/team/app:prod"]""", "all of its repository is refused");
    }

    [Fact]
    public void Hosts_below_a_domain_are_not_given_what_all_others_need()
    {
        var (a, b) = (_files.Key("a.pub"), _files.Key("b.pub"));
        string With(string requirement) => $$"""
            { "default": [{ "type": "reject" }], "transports": { "docker": { "*.example.com": {{requirement}}, "": {{Signed(a)}} } } }
            """;

        Assert.Empty(Patterns(_files.Containers(With(Signed(b)))));
        Assert.Empty(Patterns(_files.Containers(With("""[{ "type": "reject" }]"""))));
        Assert.Equal(["*"], Patterns(_files.Containers(With(Signed(a)))));
        Assert.Equal(["*"], Patterns(_files.Containers(With("""[{ "type": "insecureAcceptAnything" }]"""))));
    }

    [Theory]
    [InlineData("""{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "sigstoreSigned", "keyPath": "/b.pub" }""", """{"cosign":{"keys":["/a.pub","/b.pub"],"threshold":2}}""")]
    [InlineData("""{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "insecureAcceptAnything" }""", """{"cosign":{"keys":["/a.pub"]}}""")]
    [InlineData("""{ "type": "sigstoreSigned", "keyPaths": ["/a.pub", "/b.pub"] }, { "type": "sigstoreSigned", "keyPath": "/b.pub" }""", """{"cosign":{"keys":["/a.pub","/b.pub"],"threshold":2}}""")]
    [InlineData("""{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "sigstoreSigned", "keyPath": "/a.pub" }""", """{"cosign":{"keys":["/a.pub"]}}""")]
    [InlineData(
        """{ "type": "sigstoreSigned", "fulcio": { "caPath": "/ca.pem", "oidcIssuer": "https://accounts.example.com", "subjectEmail": "a@example.com" }, "rekorPublicKeyPath": "/r.pub" }""",
        """{"keyless":{"trusted-root":"/etc/content-trust/trusted_root.json","identities":[{"issuer":"https://accounts.example.com","subject":"a@example.com"}]}}""")]
    [InlineData(
        """{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "sigstoreSigned", "fulcio": { "caData": "eA==", "oidcIssuer": "i", "subjectEmail": "s" } }""",
        """{"require":"all","cosign":{"keys":["/a.pub"]},"keyless":{"trusted-root":"/etc/content-trust/trusted_root.json","identities":[{"issuer":"i","subject":"s"}]}}""")]
    [InlineData("""{ "type": "sigstoreSigned", "keyPath": "a.pub" }""", null)]
    [InlineData("""{ "type": "sigstoreSigned", "keyPaths": ["/a.pub", ""] }""", null)]
    [InlineData("""{ "type": "sigstoreSigned", "keyPath": "/a.pub" }, { "type": "reject" }""", null)]
    [InlineData("""{ "type": "sigstoreSigned", "pki": { "caRootsPath": "/ca.pem", "subjectEmail": "s" } }""", null)]
    [InlineData("""{ "type": "sigstoreSigned", "keyData": "bm8ga2V5" }""", null)]
    [InlineData("""{ "type": "sigstoreSigned", "keyDatas": ["%%%"] }""", null)]
    [InlineData("""{ "type": "signedBaseLayer", "baseLayerIdentity": "x" }""", null)]
    [InlineData(
        """{ "type": "sigstoreSigned", "fulcio": { "caPath": "/ca", "oidcIssuer": "i", "subjectEmail": "a" } }, { "type": "sigstoreSigned", "fulcio": { "caPath": "/ca", "oidcIssuer": "i", "subjectEmail": "b" } }""",
        null)]
    public void All_requirements_of_a_scope_are_met_or_it_is_refused(string requirements, string? entry)
    {
        var result = _files.Containers($$"""{ "default": [{ "type": "reject" }], "transports": { "docker": { "r.example.com/x": [{{requirements}}] } } }""");
        Assert.Equal(entry, Entry(result, "r.example.com/x"));
        Assert.Equal(entry, Entry(result, "r.example.com/x/*"));
        Assert.Equal(entry is not null, result.IsLooser);
    }

    [Fact]
    public void A_transparency_log_that_is_asked_for_beside_a_key_is_said_to_be_missing_here()
    {
        var result = _files.Containers(
            """{ "default": [{ "type": "sigstoreSigned", "keyPath": "/a.pub", "rekorPublicKeyDatas": ["eA=="], "signedIdentity": { "type": "exactRepository", "dockerRepository": "x.example.com/y" } }] }""");
        Assert.Equal("""{"cosign":{"keys":["/a.pub"]}}""", Entry(result, "*"));
        HasNote(result, ImportEffect.Looser, "default[0]", "rekorPublicKeyDatas");
        HasNote(result, ImportEffect.Looser, "default[0]", "exactRepository");
    }

    [Fact]
    public void A_key_in_the_file_is_written_by_the_command_that_is_shown()
    {
        var pem = CosignTestKey.Ed25519().Pem;
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
        var result = _files.Containers($$"""{ "default": [{ "type": "sigstoreSigned", "keyData": "{{data}}" }] }""");

        var note = Assert.Single(result.Notes, n => n.Effect == ImportEffect.ToDo);
        Assert.Matches($"run: echo {System.Text.RegularExpressions.Regex.Escape(data)} \\| base64 -d > /etc/content-trust/keys/imported-[0-9a-f]{{16}}\\.pub$", note.Text);
        Assert.Contains(note.Text.Split("> ")[1], Entry(result, "*"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON", "{", "invalid JSON")]
    [InlineData("no default", """{ "transports": {} }""", "no default")]
    [InlineData("default twice", """{ "default": [{ "type": "reject" }], "default": [{ "type": "insecureAcceptAnything" }] }""", "the key 2 times")]
    [InlineData("a scope twice", """{ "default": [{ "type": "reject" }], "transports": { "docker": { "a.b/c": [{ "type": "reject" }], "a.b/c": [{ "type": "reject" }] } } }""", "the key 2 times")]
    [InlineData("empty requirements", """{ "default": [] }""", "an empty list")]
    [InlineData("an unknown type", """{ "default": [{ "type": "trustMe" }] }""", "trustMe")]
    [InlineData("no type", """{ "default": [{ "keyPath": "/a" }] }""", "no type")]
    [InlineData("an unknown member", """{ "default": [{ "type": "reject" }], "extra": 1 }""", "the unknown key")]
    [InlineData("an unknown member of a requirement", """{ "default": [{ "type": "sigstoreSigned", "keyPath": "/a", "threshold": 2 }] }""", "the unknown key")]
    [InlineData("accepting with a key", """{ "default": [{ "type": "insecureAcceptAnything", "keyPath": "/a" }] }""", "with other members")]
    [InlineData("two kinds of keys", """{ "default": [{ "type": "sigstoreSigned", "keyPath": "/a", "keyData": "eA==" }] }""", "several members")]
    [InlineData("no keys", """{ "default": [{ "type": "sigstoreSigned" }] }""", "no keys")]
    [InlineData("no key in the list", """{ "default": [{ "type": "sigstoreSigned", "keyPaths": [] }] }""", "an empty list")]
    [InlineData("half of fulcio", """{ "default": [{ "type": "sigstoreSigned", "fulcio": { "caPath": "/a" } }] }""", "less than it needs")]
    [InlineData("an unknown identity", """{ "default": [{ "type": "sigstoreSigned", "keyPath": "/a", "signedIdentity": { "type": "any" } }] }""", "\"any\"")]
    [InlineData("a list", "[]", "a list")]
    public void A_file_with_problems_gives_no_stanza(string what, string text, string found)
    {
        var result = _files.Containers(text);
        Assert.True(result.Stanza is null, what);
        Assert.Contains(result.Problems, p => p.Found.Contains(found, StringComparison.Ordinal));
        Assert.Empty(result.Notes);
    }

    [Fact]
    public void Hostile_files_are_bounded()
    {
        var many = string.Join(",", Enumerable.Range(0, 1001).Select(i => $$"""
            "r{{i}}.example.com": [{ "type": "reject" }]
            """));
        Assert.Contains("1001 scopes", Assert.Single(_files.Containers($$$"""{ "default": [{ "type": "reject" }], "transports": { "docker": { {{{many}}} } } }""").Problems).Found, StringComparison.Ordinal);
        Assert.Contains("invalid JSON", Assert.Single(_files.Containers(new string('[', 100_000)).Problems).Found, StringComparison.Ordinal);
        Assert.Contains("bytes or more", Assert.Single(_files.Containers(new string(' ', 1024 * 1024 + 1)).Problems).Found, StringComparison.Ordinal);
        Assert.NotEmpty(PolicyImport.ContainersPolicy("/no/such/file").Problems);

        var odd = _files.Containers("""
            { "default": [{ "type": "reject" }], "transports": { "docker": { "r.example.com\u001b[31m/x\n": [{ "type": "sigstoreSigned", "keyPath": "/a.pub" }] } } }
            """);
        Assert.Empty(Patterns(odd));
        Assert.All(odd.Notes, n => Assert.DoesNotMatch("[^ -~]", n.ToString()));
    }
}
