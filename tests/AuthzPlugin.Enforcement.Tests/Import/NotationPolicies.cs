using AuthzPlugin.Enforcement.Import;
using static AuthzPlugin.Enforcement.Tests.Import.Imported;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>Notation's trustpolicy.json: which repositories the stanza gives to it.</summary>
public sealed class NotationPolicies : IDisposable
{
    private const string ByNotation = """{"notation":{"trust-policy":"/etc/content-trust/notation/trustpolicy.json","trust-store":"/etc/content-trust/notation/truststore"}}""";
    private const string Refusing = """{"notary-v1":true}""";

    private readonly Imported _files = new();

    public void Dispose() => _files.Dispose();

    private static string Statement(string scope, string verification) => $$"""
        { "name": "s", "registryScopes": ["{{scope}}"], "signatureVerification": {{verification}}, "trustStores": ["ca:acme"], "trustedIdentities": ["x509.subject: C=US, ST=WA, O=acme"] }
        """;

    private static string Policy(params string[] statements) => $$"""{ "version": "1.0", "trustPolicies": [{{string.Join(",", statements)}}] }""";

    [Fact]
    public void The_example_of_the_specification_becomes_entries_for_its_scopes()
    {
        var result = _files.Notation("""
            { "version": "1.0", "trustPolicies": [
              { "name": "wabbit-networks-images",
                "registryScopes": [ "registry.acme-rockets.io/software/net-monitor", "registry.acme-rockets.io/software/net-logger" ],
                "signatureVerification": { "level": "strict" },
                "trustStores": [ "ca:acme-rockets", "tsa:trusted-tsa" ],
                "trustedIdentities": [ "x509.subject: C=US, ST=WA, L=Seattle, O=acme-rockets.io, OU=Finance, CN=SecureBuilder" ] },
              { "name": "unsigned-image", "registryScopes": [ "registry.acme-rockets.io/software/unsigned/net-utils" ], "signatureVerification": { "level": "skip" } },
              { "name": "allow-expired-images", "registryScopes": [ "registry.acme-rockets.io/software/legacy/metrics" ],
                "signatureVerification": { "level": "strict", "override": { "expiry": "log" } },
                "trustStores": ["ca:acme-rockets"], "trustedIdentities": ["*"] },
              { "name": "global-policy-for-all-other-images", "registryScopes": [ "*" ],
                "signatureVerification": { "level": "audit" }, "trustStores": ["ca:acme-rockets"], "trustedIdentities": ["*"] } ] }
            """);

        Assert.Equal(
            ["registry.acme-rockets.io/software/legacy/metrics", "registry.acme-rockets.io/software/net-logger", "registry.acme-rockets.io/software/net-monitor"],
            Patterns(result));
        Assert.All(Patterns(result), p => Assert.Equal(ByNotation, Entry(result, p)));
        HasNote(result, ImportEffect.Stricter, "trustPolicies[1].registryScopes[0]", "level skip");
        HasNote(result, ImportEffect.Stricter, "trustPolicies[3].registryScopes[0]", "level audit");
        HasNote(result, ImportEffect.ToDo, "$", "truststore/x509/tsa/trusted-tsa");
        HasNote(result, ImportEffect.ToDo, "$", "enforces revocation: name the hosts of OCSP responders and lists in \"revocation-hosts\", or a folder of lists in \"crls\"");
        Assert.False(result.IsLooser);
    }

    [Theory]
    [InlineData("""{ "level": "skip" }""")]
    [InlineData("""{ "level": "audit" }""")]
    [InlineData("""{ "level": "audit", "override": { "expiry": "enforce" } }""")]
    [InlineData("""{ "level": "strict", "override": { "authenticity": "log" } }""")]
    [InlineData("""{ "level": "permissive", "override": { "authenticity": "skip" } }""")]
    public void A_statement_that_lets_unsigned_images_pass_refuses_below_one_for_all(string verification)
    {
        var result = _files.Notation(Policy(Statement("*", """{ "level": "strict", "verifyTimestamp": "always" }"""), Statement("r.example.com/x", verification)));
        Assert.Equal((ByNotation, Refusing), (Entry(result, "*"), Entry(result, "r.example.com/x")));
        Assert.Empty(Patterns(_files.Notation(Policy(Statement("r.example.com/x", verification)))));
    }

    [Theory]
    [InlineData("""{ "level": "permissive" }""")]
    [InlineData("""{ "level": "audit", "override": { "authenticity": "enforce" } }""")]
    public void A_statement_that_enforces_who_signed_is_kept(string verification) =>
        Assert.Equal(ByNotation, Entry(_files.Notation(Policy(Statement("r.example.com/x", verification))), "r.example.com/x"));

    [Fact]
    public void A_scope_that_is_no_full_name_has_no_entry()
    {
        var result = _files.Notation(Policy(Statement("docker.io/alpine", """{ "level": "strict" }""")));
        Assert.Empty(Patterns(result));
        HasNote(result, ImportEffect.Stricter, "trustPolicies[0].registryScopes[0]", "no full repository name");
    }

    [Theory]
    [InlineData("another version", """{ "version": "2.0", "trustPolicies": [] }""", "\"2.0\"")]
    [InlineData("no statement", """{ "version": "1.0", "trustPolicies": [] }""", "no trustPolicies")]
    [InlineData("no version", """{ "trustPolicies": [{ "registryScopes": ["*"], "signatureVerification": { "level": "strict" } }] }""", "no version")]
    [InlineData("no level", """{ "version": "1.0", "trustPolicies": [{ "name": "s", "registryScopes": ["*"] }] }""", "no level")]
    [InlineData("an unknown level", """{ "version": "1.0", "trustPolicies": [{ "registryScopes": ["*"], "signatureVerification": { "level": "lax" } }] }""", "\"lax\"")]
    [InlineData("an unknown check", """{ "version": "1.0", "trustPolicies": [{ "registryScopes": ["*"], "signatureVerification": { "level": "strict", "override": { "trust": "log" } } }] }""", "\"trust\"")]
    [InlineData("a scope twice", """{ "version": "1.0", "trustPolicies": [{ "registryScopes": ["*", "*"], "signatureVerification": { "level": "strict" } }] }""", "2 times")]
    [InlineData("an unknown member", """{ "version": "1.0", "trustPolicies": [], "x": 1 }""", "the unknown key")]
    [InlineData("a level twice", """{ "version": "1.0", "trustPolicies": [{ "registryScopes": ["*"], "signatureVerification": { "level": "skip", "level": "strict" } }] }""", "the key 2 times")]
    [InlineData("a name that is none", """{ "version": "1.0", "trustPolicies": [{ "name": 1, "registryScopes": ["*"], "signatureVerification": { "level": "strict" } }] }""", "1")]
    public void A_file_with_problems_gives_no_stanza(string what, string text, string found)
    {
        var result = _files.Notation(text);
        Assert.True(result.Stanza is null, what);
        Assert.Contains(result.Problems, p => p.Found.Contains(found, StringComparison.Ordinal));
    }
}
