using System.Text;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>Trust policies of version 1.0 are read as notation reads them, and nothing else is.</summary>
public class NotationTrustPolicyTests
{
    private const string Good =
        """{"name":"a","registryScopes":["r.example.com/x/a"],"signatureVerification":{"level":"strict"},"trustStores":["ca:acme"],"trustedIdentities":["*"]}""";

    [Fact]
    public void A_policy_as_notation_s_documents_have_it_is_read()
    {
        var policy = Read("""
            {
              "version": "1.0",
              "trustPolicies": [
                { "name": "images", "registryScopes": ["registry.acme-rockets.io/software/net-monitor", "localhost:5000/a__b/c-d.e"],
                  "signatureVerification": { "level": "strict", "verifyTimestamp": "afterCertExpiry" },
                  "trustStores": ["ca:wabbit-networks", "tsa:trusted-tsa"],
                  "trustedIdentities": ["x509.subject: C=US, ST=WA, L=Seattle, O=wabbit-networks.io, OU=Security Tools"] },
                { "name": "unsigned", "registryScopes": ["registry.wabbit-networks.io/software/unsigned/net-utils"], "signatureVerification": { "level": "skip" } },
                { "name": "expired", "registryScopes": ["registry.acme-rockets.io/software/legacy/metrics"],
                  "signatureVerification": { "level": "strict", "override": { "expiry": "log", "revocation": "skip" } },
                  "trustStores": ["ca:acme-rockets"], "trustedIdentities": ["*"] },
                { "name": "global", "registryScopes": ["*"], "signatureVerification": { "level": "audit" },
                  "trustStores": ["ca:acme-rockets", "signingAuthority:acme-rockets-ca2"],
                  "trustedIdentities": ["x509.subject: C=US, ST=WA, L=Seattle, O=acme-rockets.io, OU=Finance, CN=SecureBuilder"] }
              ]
            }
            """);
        NotationStatement? Of(string repository) => policy.Match(ImageReferenceParser.TryParseNamed(repository, out var r, out _) ? r.Repository : throw new InvalidOperationException());

        var strict = Of("registry.acme-rockets.io/software/net-monitor")!;
        Assert.Equal(("images", NotationAction.Enforce, NotationAction.Enforce, NotationAction.Enforce), (strict.Name, strict.Expiry, strict.AuthenticTimestamp, strict.Revocation));
        Assert.True(strict.TimestampsAfterExpiryOnly);
        Assert.Equal(["ca:wabbit-networks", "tsa:trusted-tsa"], strict.Stores.Select(s => s.ToString()));
        Assert.Equal(["x509/ca/wabbit-networks", "x509/tsa/trusted-tsa"], strict.Stores.Select(s => s.Folder));
        Assert.True(Of("registry.wabbit-networks.io/software/unsigned/net-utils")!.IsSkipped);
        var expired = Of("registry.acme-rockets.io/software/legacy/metrics")!;
        Assert.Equal((NotationAction.Log, NotationAction.Enforce, NotationAction.Skip), (expired.Expiry, expired.AuthenticTimestamp, expired.Revocation));
        var global = Of("docker.io/library/alpine")!;
        Assert.Equal(("global", true, NotationAction.Log), (global.Name, global.LogsAuthenticity, global.Revocation));
        Assert.True(global.IsGlobal);
    }

    [Fact]
    public void Without_a_statement_there_is_none()
    {
        var policy = Read($$"""{"version":"1.0","trustPolicies":[{{Good}}]}""");
        Assert.True(ImageReferenceParser.TryParseNamed("r.example.com/x/b", out var other, out _));
        Assert.Null(policy.Match(other.Repository));
    }

    [Theory]
    [InlineData("permissive", NotationAction.Log, false)]
    [InlineData("audit", NotationAction.Log, true)]
    [InlineData("strict", NotationAction.Enforce, false)]
    public void Levels_are_those_of_the_table(string level, NotationAction others, bool logsAuthenticity)
    {
        var statement = Read(One("level", $"\"{level}\"")).Statements[0];
        Assert.Equal((others, others, others, logsAuthenticity), (statement.AuthenticTimestamp, statement.Expiry, statement.Revocation, statement.LogsAuthenticity));
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "no JSON", "hello" },
        { "a comment", "/* x */ {}" },
        { "no version", """{"trustPolicies":[]}""" },
        { "another version", $$"""{"version":"2.0","trustPolicies":[{{Good}}]}""" },
        { "no statement", """{"version":"1.0","trustPolicies":[]}""" },
        { "an unknown member", $$"""{"version":"1.0","more":1,"trustPolicies":[{{Good}}]}""" },
        { "an unknown member of a statement", One("", "", more: ",\"globalPolicy\":true") },
        { "a member twice", $$"""{"version":"1.0","version":"1.0","trustPolicies":[{{Good}}]}""" },
        { "a name twice", $$"""{"version":"1.0","trustPolicies":[{{Good}},{{Good.Replace("x/a", "x/b", StringComparison.Ordinal)}}]}""" },
        { "a scope twice", $$"""{"version":"1.0","trustPolicies":[{{Good}},{{Good.Replace("\"a\"", "\"b\"", StringComparison.Ordinal)}}]}""" },
        { "an empty name", One("name", "\"\"") },
        { "no scopes", One("registryScopes", "[]") },
        { "a wildcard beside others", One("registryScopes", "[\"*\",\"r.example.com/x\"]") },
        { "a wildcard inside", One("registryScopes", "[\"r.example.com/*\"]") },
        { "a short scope", One("registryScopes", "[\"alpine\"]") },
        { "a scope with a tag", One("registryScopes", "[\"r.example.com/x:1\"]") },
        { "a scope with a scheme", One("registryScopes", "[\"https://r.example.com/x\"]") },
        { "an upper-case repository", One("registryScopes", "[\"r.example.com/X\"]") },
        { "an unknown level", One("level", "\"lenient\"") },
        { "an unknown check", One("level", "\"strict\",\"override\":{\"other\":\"log\"}") },
        { "integrity overridden", One("level", "\"strict\",\"override\":{\"integrity\":\"log\"}") },
        { "expiry skipped", One("level", "\"strict\",\"override\":{\"expiry\":\"skip\"}") },
        { "an unknown action", One("level", "\"strict\",\"override\":{\"expiry\":\"warn\"}") },
        { "skip with stores", One("level", "\"skip\"") },
        { "an unknown option", One("level", "\"strict\",\"verifyTimestamp\":\"never\"") },
        { "an unknown member of the level", One("level", "\"strict\",\"levels\":1") },
        { "no stores", One("trustStores", "[]") },
        { "an unknown store", One("trustStores", "[\"cas:acme\"]") },
        { "a store without a kind", One("trustStores", "[\"acme\"]") },
        { "a store that leaves its folder", One("trustStores", "[\"ca:..\"]") },
        { "a store with a slash", One("trustStores", "[\"ca:a/b\"]") },
        { "no identities", One("trustedIdentities", "[]") },
        { "anybody beside others", One("trustedIdentities", "[\"*\",\"x509.subject: C=US, ST=WA, O=A\"]") },
        { "an identity without a prefix", One("trustedIdentities", "[\"C=US\"]") },
        { "an identity without a value", One("trustedIdentities", "[\"x509.subject:\"]") },
        { "an identity without a country", One("trustedIdentities", "[\"x509.subject: ST=WA, O=A\"]") },
        { "an identity without a state", One("trustedIdentities", "[\"x509.subject: C=US, O=A\"]") },
        { "an identity without an organization", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA\"]") },
        { "an attribute twice", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, S=WA, O=A\"]") },
        { "two attributes in one", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, O=A+OU=B\"]") },
        { "a value in hex", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, O=#0c01\"]") },
        { "identities that overlap", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, O=A\",\"x509.subject: C=US, ST=WA, O=A, OU=B\"]") },
        { "the same identity twice", One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, O=A\",\"x509.subject: O=A, ST=WA, C=US\"]") },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Whatever_breaks_a_rule_is_refused_with_a_reason(string what, string json)
    {
        Assert.False(NotationTrustPolicy.TryRead(Encoding.UTF8.GetBytes(json), out _, out var problem), what);
        Assert.False(string.IsNullOrEmpty(problem), what);
    }

    [Theory]
    [InlineData("C=US, ST=WA, O=a\\\\, b", "O", "a\\, b", false)]
    [InlineData("C=US, ST=WA, O=a\\, b", "O", "a, b", true)]
    [InlineData("C=US;ST=WA;O=a\\;b", "O", "a;b", true)]
    [InlineData("C=US, ST=WA, O=\\ a\\ ", "O", " a ", true)]
    [InlineData("C=US, ST=WA, O= a b  ", "O", "a b", true)]
    [InlineData("C=US, ST=WA, O=a\\2Cb", "O", "a,b", true)]
    [InlineData("C=US, ST=WA, O=M\\C3\\BCller", "O", "Müller", true)]
    [InlineData("C=US, ST=WA, O=Müller", "O", "Müller", true)]
    [InlineData("C=US, ST=WA, O=a=b", "O", "a=b", true)]
    [InlineData("C=US, S=WA, O=a", "ST", "WA", true)]
    public void Values_of_identities_are_unescaped(string text, string name, string value, bool isRight)
    {
        if (!isRight)
        {
            Assert.Throws<FormatException>(() => NotationIdentity.Parse(text));
            return;
        }

        Assert.Contains(NotationIdentity.Parse(text).Attributes, a => a.Key == name && a.Value == value);
    }

    [Fact]
    public void Identities_for_plugins_are_named_apart()
    {
        var statement = Read(One("trustedIdentities", "[\"x509.subject: C=US, ST=WA, O=A\",\"com.example:thing\"]")).Statements[0];
        Assert.Equal(["com.example:thing"], statement.OtherIdentities);
        Assert.Equal(2, statement.Identities.Count);
    }

    private static NotationTrustPolicy Read(string json)
    {
        Assert.True(NotationTrustPolicy.TryRead(Encoding.UTF8.GetBytes(json), out var policy, out var problem), problem);
        return policy;
    }

    // A good policy of one statement, with one member changed.
    private static string One(string name, string value, string more = "")
    {
        string Of(string member, string usual) => $"\"{member}\":{(member == name ? value : usual)}";
        return $$"""
            {"version":"1.0","trustPolicies":[{ {{Of("name", "\"a\"")}},{{Of("registryScopes", "[\"*\"]")}},
             "signatureVerification":{ {{Of("level", "\"strict\"")}} },{{Of("trustStores", "[\"ca:acme\"]")}},{{Of("trustedIdentities", "[\"*\"]")}}{{more}} }]}
            """;
    }
}
