using AuthzPlugin.Enforcement.Import;
using AuthzPlugin.Enforcement.Policy;
using static AuthzPlugin.Enforcement.Tests.Import.Imported;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>daemon.json of Docker Enterprise and Mirantis Container Runtime.</summary>
public sealed class EnterprisePolicies : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly Imported _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_whole_file_comes_under_its_present_names_and_means_the_same()
    {
        var result = _files.Mirantis($$"""
            { "storage-driver": "overlay2", "log-opts": { "max-size": "10m" },
              "content-trust": {
                "trust-pinning": {
                  "library-images": true,
                  "root-keys": { "registry.example.com/team/*": ["{{Id}}"] },
                  "cert-ids": { "registry.example.com/legacy/app": ["{{Id}}"] } },
                "mode": "enforced",
                "allow-expired-trust-cache": true } }
            """);

        Assert.Equal(
            $$$"""{"mode":"enforced","trust-pinning":{"official-library-images":true,"root-keys":{"registry.example.com/team/*":["{{{Id}}}"]},"cert-ids":{"registry.example.com/legacy/app":["{{{Id}}}"]}},"allow-expired-cached-trust-data":true}""",
            result.Stanza!.ToJsonString());
        Assert.False(result.IsLooser);
        HasNote(result, ImportEffect.Stricter, "content-trust.trust-pinning", "expired");
        HasNote(result, ImportEffect.ToDo, "content-trust", "below builder");
        HasNote(result, ImportEffect.ToDo, "authorization-plugins", "asks nobody");
        var read = Read(result);
        Assert.Empty(read.Problems);
        Assert.Equal((EnforcementMode.Enforced, true), (read.Policy!.Mode, read.Policy.AllowExpiredCachedTrustData));
        Assert.DoesNotContain(read.Warnings, w => w.Found.Contains("old spelling", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("permissive")]
    [InlineData("disabled")]
    public void The_mode_stays_what_it_is(string mode)
    {
        var result = _files.Mirantis($$"""{ "content-trust": { "mode": "{{mode}}" } }""");
        Assert.Equal($$"""{"mode":"{{mode}}"}""", result.Stanza!.ToJsonString());
        Assert.Equal(mode == "disabled", result.Notes.Any(n => n.Effect == ImportEffect.NotUsed));
    }

    [Fact]
    public void Without_a_mode_it_is_enforced_and_said()
    {
        var result = _files.Mirantis("""{ "content-trust": { "trust-pinning": { "official-images": false } } }""");
        Assert.Equal("""{"mode":"enforced","trust-pinning":{"official-library-images":false}}""", result.Stanza!.ToJsonString());
        HasNote(result, ImportEffect.Stricter, "content-trust", "no mode");
    }

    [Fact]
    public void What_is_not_known_is_never_left_out_in_silence()
    {
        var result = _files.Mirantis("""{ "content-trust": { "mode": "enforced", "require-mfa": true, "trust-pinning": { "ca": { "x/": "/ca.pem" } } } }""");
        Assert.Equal("""{"mode":"enforced","trust-pinning":{}}""", result.Stanza!.ToJsonString());
        HasNote(result, ImportEffect.Looser, "content-trust.require-mfa", "not in the stanza");
        HasNote(result, ImportEffect.Looser, "content-trust.trust-pinning.ca", "not in the stanza");
    }

    [Theory]
    [InlineData("no stanza", """{ "debug": true }""", "no content-trust object")]
    [InlineData("an odd mode", """{ "content-trust": { "mode": "on" } }""", "\"on\"")]
    [InlineData("a mode that is none", """{ "content-trust": { "mode": true } }""", "true")]
    [InlineData("the mode twice", """{ "content-trust": { "mode": "disabled", "mode": "enforced" } }""", "the key 2 times")]
    [InlineData("the stanza twice", """{ "content-trust": { "mode": "enforced" }, "content-trust": { "mode": "disabled" } }""", "the key 2 times")]
    [InlineData("two places", """{ "content-trust": { "mode": "enforced" }, "builder": { "content-trust": { "mode": "disabled" } } }""", "2 content-trust objects")]
    [InlineData("two spellings", """{ "content-trust": { "mode": "enforced", "allow-expired-trust-cache": true, "allow-expired-cached-trust-data": false } }""", "a second spelling")]
    [InlineData("a bad id beside a wider pin", """{ "content-trust": { "mode": "enforced", "trust-pinning": { "root-keys": { "r.example.com/x": ["sha256:1"] } } } }""", "sha256:1")]
    [InlineData("a wildcard for certificates", """{ "content-trust": { "mode": "enforced", "trust-pinning": { "cert-ids": { "r.example.com/*": [] } } } }""", "a wildcard")]
    [InlineData("a pin twice", """{ "content-trust": { "mode": "enforced", "trust-pinning": { "root-keys": { "r.example.com/x": [], "r.example.com/x": [] } } } }""", "the key 2 times")]
    [InlineData("a list", """{ "content-trust": [] }""", "a list")]
    [InlineData("pins that are none", """{ "content-trust": { "mode": "enforced", "trust-pinning": "all" } }""", "\"all\"")]
    [InlineData("a typo", """{ "content-trst": { "mode": "enforced" } }""", "content-trst")]
    public void A_file_with_problems_gives_no_stanza(string what, string text, string found)
    {
        var result = _files.Mirantis(text);
        Assert.True(result.Stanza is null, what);
        Assert.Contains(result.Problems, p => p.Found.Contains(found, StringComparison.Ordinal));
        Assert.All(result.Problems, p => Assert.DoesNotContain("builder.", p.Path, StringComparison.Ordinal));
    }
}
