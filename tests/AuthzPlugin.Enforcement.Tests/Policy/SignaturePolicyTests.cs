using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>What signature-policies may say, which files may hold keys, and which entry decides.</summary>
public sealed class SignaturePolicyTests : IDisposable
{
    private const string Pattern = "registry.example.com/team/*";

    private readonly TemporaryFolder _folder = new();
    private readonly CosignTestKey _key = CosignTestKey.Ecdsa();
    private readonly string _file;

    public SignaturePolicyTests()
    {
        _file = _folder.Write("a.pub", _key.Pem);
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_entry_is_read()
    {
        var second = _folder.Write("b.pub", CosignTestKey.Ed25519().Pem);
        var result = ReadWith($$"""
            "signature-cache": "10m",
            "signature-policies": { "{{Pattern}}": {
              "require": "all", "notary-v1": true,
              "cosign": { "keys": ["{{_file}}", "{{second}}"], "threshold": 2, "annotations": { "env": "prod" } },
              "accept-until": { "notary-v1": "2027-03-31" } } }
            """);
        Assert.Empty(result.Problems.Concat(result.Warnings));
        var entry = Assert.Single(result.Policy!.Signatures.All);
        Assert.Equal((Pattern, EvidenceRule.All, true), (entry.Pattern, entry.Require, entry.NotaryV1));
        var cosign = Assert.IsType<CosignPolicy>(Assert.Single(entry.Demands));
        Assert.Equal((2, 2, "prod"), (cosign.Keys.Count, cosign.Threshold, cosign.Annotations["env"]));
        Assert.Equal(_key.Public.Id, cosign.Keys[0].Id);
        Assert.Equal(TimeSpan.FromMinutes(10), result.Policy.SignatureCache);

        var end = new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal([EvidenceKind.Cosign, EvidenceKind.NotaryV1], entry.Counting(end.AddSeconds(-1)));
        Assert.Equal([EvidenceKind.Cosign], entry.Counting(end));
        Assert.Contains("counts until 2027-03-31", Assert.Single(SignatureReport.Endings(result.Policy, end.AddDays(-20))), StringComparison.Ordinal);
        Assert.Contains("no longer", Assert.Single(SignatureReport.Endings(result.Policy, end)), StringComparison.Ordinal);
        Assert.Empty(SignatureReport.Endings(result.Policy, end.AddDays(-100)));

        using var report = new StringWriter();
        PolicyReport.Write(report, result);
        Assert.Contains($"    {Pattern}: all of notary-v1 until 2027-03-31, cosign by 2 of the keys {_key.Public.Id} ", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no kind", "{}", "no kind of signature")]
    [InlineData("no keys", """{ "cosign": {} }""", "no keys")]
    [InlineData("empty keys", """{ "cosign": { "keys": [] } }""", "0 files")]
    [InlineData("relative path", """{ "cosign": { "keys": ["a.pub"] } }""", "a.pub")]
    [InlineData("missing file", """{ "cosign": { "keys": ["/nonexistent/a.pub"] } }""", "does not exist")]
    [InlineData("a folder", """{ "cosign": { "keys": ["/etc"] } }""", "not a regular file")]
    [InlineData("a device", """{ "cosign": { "keys": ["/dev/zero"] } }""", "not a regular file")]
    [InlineData("no key in it", """{ "cosign": { "keys": ["/etc/passwd"] } }""", "exactly one PEM block")]
    [InlineData("threshold above keys", """{ "cosign": { "keys": ["KEY"], "threshold": 2 } }""", "2 of 1 keys")]
    [InlineData("threshold zero", """{ "cosign": { "keys": ["KEY"], "threshold": 0 } }""", "0")]
    [InlineData("the key twice", """{ "cosign": { "keys": ["KEY", "KEY"] } }""", "a key that stands in the list already")]
    [InlineData("unknown rule", """{ "require": "some", "notary-v1": true }""", "some")]
    [InlineData("a kind of a later version", """{ "gpg": {}, "notary-v1": true }""", "the unknown key")]
    [InlineData("keys outside cosign", """{ "keys": ["KEY"], "notary-v1": true }""", "the unknown key")]
    [InlineData("annotation that is no text", """{ "cosign": { "keys": ["KEY"], "annotations": { "a": 1 } } }""", "1")]
    [InlineData("no date", """{ "notary-v1": true, "accept-until": { "notary-v1": "soon" } }""", "soon")]
    [InlineData("date of a kind that is not accepted", """{ "notary-v1": true, "accept-until": { "cosign": "2027-01-01" } }""", "does not accept at all")]
    [InlineData("date of an unknown kind", """{ "notary-v1": true, "accept-until": { "pgp": "2027-01-01" } }""", "unknown kind")]
    public void What_is_not_right_is_a_problem(string what, string entry, string found)
    {
        var result = ReadWith($$"""
            "signature-policies": { "{{Pattern}}": {{entry.Replace("KEY", _file, StringComparison.Ordinal)}} }
            """);
        Assert.Null(result.Policy);
        Assert.True(result.Problems.Any(p => p.Found.Contains(found, StringComparison.Ordinal)), $"{what}: {string.Join('\n', result.Problems)}");
        Assert.All(result.Problems, p => Assert.StartsWith($"builder.content-trust.signature-policies[\"{Pattern}\"]", p.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void A_pattern_that_matches_nothing_is_a_problem() =>
        Assert.NotEmpty(ReadWith("\"signature-policies\": { \"alpine\": { \"notary-v1\": true } }").Problems);

    [Theory]
    [InlineData("group may write", UnixFileMode.UserRead | UnixFileMode.OtherWrite)]
    [InlineData("everybody may write", UnixFileMode.UserRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)]
    public void A_key_that_strangers_can_change_is_a_problem(string what, UnixFileMode mode)
    {
        File.SetUnixFileMode(_file, mode);
        Assert.Contains("others than root can write", Assert.Single(Read(_file).Problems).Found, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    [Fact]
    public void A_large_file_is_a_problem()
    {
        var large = _folder.Write("large.pub", _key.Pem + new string('\n', CosignKeyFile.MaxBytes));
        Assert.Contains("a file of", Assert.Single(Read(large).Problems).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_in_the_file_is_another_policy()
    {
        var before = Read(_file).Policy!.Fingerprint;
        Assert.Equal(before, Read(_file).Policy!.Fingerprint);
        File.WriteAllText(_file, CosignTestKey.Ecdsa().Pem);
        Assert.NotEqual(before, Read(_file).Policy!.Fingerprint);
    }

    [Fact]
    public void Notary_without_a_pin_warns()
    {
        var warnings = ReadWith("\"signature-policies\": { \"registry.example.com/elsewhere/*\": { \"notary-v1\": true } }").Warnings;
        Assert.Contains("no pin that covers", Assert.Single(warnings).Found, StringComparison.Ordinal);
        Assert.Empty(ReadWith("\"signature-policies\": { \"registry.example.com/team/app\": { \"notary-v1\": true } }").Warnings);
    }

    [Theory]
    [InlineData("registry.example.com/team/app", "registry.example.com/team/app")]
    [InlineData("registry.example.com/team/app2", "registry.example.com/team/*")]
    [InlineData("registry.example.com/other", "registry.example.com/*")]
    [InlineData("docker.io/library/alpine", null)]
    public void The_exact_entry_and_then_the_longest_pattern_decides(string repository, string? pattern)
    {
        var policies = new SignaturePolicies(new[] { "registry.example.com/*", "registry.example.com/team/*", "registry.example.com/team/app" }
            .Select(p => new SignaturePolicy { Pattern = p, NotaryV1 = true }));
        Assert.True(ImageReferenceParser.TryParseNamed(repository, out var named, out _));
        Assert.Equal(pattern, policies.Match(named.Repository)?.Pattern);
    }

    private static PolicyLoadResult Read(string file) =>
        ReadWith($$"""
            "signature-policies": { "{{Pattern}}": { "cosign": { "keys": ["{{file}}"] } } }
            """);
}
