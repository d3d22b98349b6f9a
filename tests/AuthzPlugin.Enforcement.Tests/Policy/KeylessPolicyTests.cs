using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Sigstore;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>What <c>keyless</c> may say, and when two of them are the same question.</summary>
public sealed class KeylessPolicyTests : IDisposable
{
    private const string Pattern = "registry.example.com/team/*";
    private const string Identity = """{ "issuer": "https://issuer.example.com", "subject": "a@example.com" }""";

    private static readonly byte[] RootBytes = new SigstoreSimulator().TrustedRootFile();

    private readonly TemporaryFolder _folder = new();
    private readonly string _root;

    public KeylessPolicyTests()
    {
        _root = Path.Combine(_folder.Path, "trusted_root.json");
        File.WriteAllBytes(_root, RootBytes);
        File.SetUnixFileMode(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_entry_is_read()
    {
        var result = Read($$"""
            { "trusted-root": "{{_root}}", "identities": [ {{Identity}}, { "issuer-pattern": "https://.+", "subject-pattern": "https://git/.+" } ],
              "annotations": { "env": "prod" }, "max-signature-age": "72h" }
            """);
        Assert.Empty(result.Problems.Concat(result.Warnings));
        var entry = Assert.Single(result.Policy!.Signatures.All);
        var keyless = Assert.IsType<KeylessPolicy>(Assert.Single(entry.Demands));
        Assert.Equal((EvidenceKind.Keyless, 2, 1, "prod", TimeSpan.FromHours(72)), (keyless.Kind, keyless.Identities.Count, keyless.Threshold, keyless.Annotations["env"], keyless.MaxAge));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(RootBytes)), keyless.Root.Id);

        using var report = new StringWriter();
        PolicyReport.Write(report, result);
        Assert.Contains($"    {Pattern}: any of keyless by \"a@example.com of https://issuer.example.com\" or \"/https://git/.+/ of /https://.+/\" with \"env=prod\" of the last 72h, trusted root {keyless.Root.Id} (1 authorities", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "{}", "no trusted root")]
    [InlineData("no identities", """{ "trusted-root": "ROOT" }""", "no identities")]
    [InlineData("empty identities", """{ "trusted-root": "ROOT", "identities": [] }""", "a list of 1 to 64 objects")]
    [InlineData("no list", """{ "trusted-root": "ROOT", "identities": {} }""", "{")]
    [InlineData("relative path", """{ "trusted-root": "root.json", "identities": [ID] }""", "root.json")]
    [InlineData("missing file", """{ "trusted-root": "/nonexistent/root.json", "identities": [ID] }""", "does not exist")]
    [InlineData("a device", """{ "trusted-root": "/dev/zero", "identities": [ID] }""", "not a regular file")]
    [InlineData("no root file", """{ "trusted-root": "/etc/passwd", "identities": [ID] }""", "no sigstore trusted root")]
    [InlineData("no path", """{ "trusted-root": 1, "identities": [ID] }""", "1")]
    [InlineData("no issuer", """{ "trusted-root": "ROOT", "identities": [ { "subject": "a" } ] }""", "an identity without issuer")]
    [InlineData("no subject", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "a" } ] }""", "an identity without subject")]
    [InlineData("two subjects", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "a", "subject": "a", "subject-pattern": "a" } ] }""", "an identity with subject and subject-pattern")]
    [InlineData("no regular expression", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "a", "subject-pattern": "a)|(b" } ] }""", "is no regular expression")]
    [InlineData("look-around", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "a", "subject-pattern": "(?=a)a" } ] }""", "look-around")]
    [InlineData("everything", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "a", "subject-pattern": ".*" } ] }""", "matches the empty text")]
    [InlineData("an empty text", """{ "trusted-root": "ROOT", "identities": [ { "issuer": "", "subject": "a" } ] }""", "1 to 1024 characters")]
    [InlineData("a number", """{ "trusted-root": "ROOT", "identities": [ { "issuer": 1, "subject": "a" } ] }""", "1")]
    [InlineData("no object", """{ "trusted-root": "ROOT", "identities": [ "a" ] }""", "a")]
    [InlineData("no duration", """{ "trusted-root": "ROOT", "identities": [ID], "max-signature-age": "soon" }""", "soon")]
    [InlineData("an unknown key", """{ "trusted-root": "ROOT", "identities": [ID], "threshold": 2 }""", "the unknown key")]
    public void What_is_not_right_is_a_problem(string what, string keyless, string found)
    {
        var result = Read(keyless.Replace("ROOT", _root, StringComparison.Ordinal).Replace("ID", Identity, StringComparison.Ordinal));
        Assert.Null(result.Policy);
        Assert.Contains(result.Problems, p => p.ToString().Contains(found, StringComparison.Ordinal));
        Assert.All(result.Problems, p => Assert.True(p.ToString().Contains("keyless", StringComparison.Ordinal), what));
    }

    [Fact]
    public void A_file_that_others_can_write_is_none()
    {
        File.SetUnixFileMode(_root, File.GetUnixFileMode(_root) | UnixFileMode.OtherWrite);
        var result = Read($$"""{ "trusted-root": "{{_root}}", "identities": [ {{Identity}} ] }""");
        Assert.Contains("chmod go-w", Assert.Single(result.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_meant_is_compared_and_not_how_it_is_written()
    {
        var (one, two) = (Rule("a", false), Rule("b", false));
        var policy = new KeylessPolicy { Root = Root(RootBytes), Identities = [one, two] };
        Assert.Equal(policy.Fingerprint, (policy with { Identities = [two, one] }).Fingerprint);
        Assert.Equal(policy, policy with { Identities = [two, one] });
        string[] others =
        [
            (policy with { Identities = [one] }).Fingerprint,
            (policy with { Identities = [one, Rule("b", true)] }).Fingerprint,
            (policy with { Identities = [one, Rule("/b/", false)] }).Fingerprint,
            (policy with { MaxAge = TimeSpan.FromDays(1) }).Fingerprint,
            (policy with { Root = Root(new SigstoreSimulator().TrustedRootFile()) }).Fingerprint,
        ];
        Assert.Equal(others.Length, others.Append(policy.Fingerprint).Distinct().Count() - 1);
    }

    private static SigstoreRoot Root(byte[] bytes) => SigstoreRoot.TryRead(bytes, out var root, out var problem) ? root : throw new InvalidOperationException(problem);

    private static KeylessIdentity Rule(string subject, bool isPattern)
    {
        Assert.True(TextRule.TryExact("https://issuer.example.com", out var issuer, out _));
        Assert.True(isPattern ? TextRule.TryPattern(subject, out var rule, out _) : TextRule.TryExact(subject, out rule, out _));
        return new KeylessIdentity(issuer, rule);
    }

    private static PolicyLoadResult Read(string keyless) => ReadWith($$"""
        "signature-policies": { "{{Pattern}}": { "keyless": {{keyless}} } }
        """);
}
