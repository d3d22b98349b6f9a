using AuthzPlugin.Enforcement.Policy;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class StanzaSearchTests
{
    [Theory]
    [InlineData("builder", """{ "builder": { "content-trust": STANZA } }""", null, "/etc/docker/daemon.json: builder.content-trust")]
    [InlineData("builder beside gc", """{ "builder": { "gc": { "enabled": true }, "content-trust": STANZA } }""", null, "/etc/docker/daemon.json: builder.content-trust")]
    [InlineData("Docker Enterprise", """{ "content-trust": STANZA }""", null, "/etc/docker/daemon.json: content-trust")]
    [InlineData("own file", null, "STANZA", "/etc/docker/content-trust.json")]
    [InlineData("own file beside a daemon.json without policy", """{ "builder": null, "debug": true }""", "STANZA", "/etc/docker/content-trust.json")]
    [InlineData("own file beside a null daemon.json", "null", "STANZA", "/etc/docker/content-trust.json")]
    public void The_policy_is_found_in_each_of_its_places(string name, string? daemon, string? file, string source)
    {
        var result = Read(daemon?.Replace("STANZA", Good), file?.Replace("STANZA", Good));

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        Assert.Equal((name, source), (name, result.Policy!.Source));
        Assert.Equal(EnforcementMode.Enforced, result.Policy.Mode);
        Assert.True(result.StanzaSeen);
    }

    [Theory]
    [InlineData("no file", null)]
    [InlineData("empty", "")]
    [InlineData("white space", " \n\t")]
    [InlineData("byte order mark alone", "\uFEFF")]
    [InlineData("null", "null")]
    [InlineData("no stanza", """{ "debug": true, "builder": { "gc": {}, "entitlements": {}, "history": {} } }""")]
    [InlineData("what the engine tolerates", """{ "debug": true, "DEBUG": false, "debug": true, "labels": ["content-trust=1"], "x": "\ud800", "builder": {}, "builder": {} }""")]
    public void Without_a_stanza_content_trust_is_disabled_with_a_warning(string name, string? daemon)
    {
        var result = Read(daemon, null);

        Assert.Empty(result.Problems);
        Assert.Equal((name, EnforcementMode.Disabled), (name, result.Policy!.Mode));
        Assert.Null(result.Policy.Source);
        Assert.False(result.StanzaSeen);
        var warning = Assert.Single(result.Warnings);
        Assert.Contains("content trust is disabled", warning.Found);
    }

    /// <summary>Options of dockerd 20.10 to 29 (its daemon.json reference), the ones nearest to ours among them.</summary>
    [Fact]
    public void The_engines_own_keys_are_not_taken_for_ours()
    {
        string[] options =
        [
            "allow-nondistributable-artifacts", "api-cors-header", "authorization-plugins", "bip", "bridge", "cgroup-parent", "cluster-advertise",
            "cluster-store", "cluster-store-opts", "containerd", "containerd-namespace", "containerd-plugin-namespace", "cpu-rt-period",
            "data-root", "debug", "default-address-pools", "default-cgroupns-mode", "default-gateway", "default-ipc-mode", "default-network-opts",
            "default-runtime", "default-shm-size", "default-ulimits", "deprecated-key-path", "dns", "exec-opts", "exec-root", "experimental",
            "features", "fixed-cidr", "group", "hosts", "http-proxy", "https-proxy", "icc", "init", "init-path", "insecure-registries",
            "iptables", "labels", "live-restore", "log-driver", "log-level", "log-opts", "max-concurrent-downloads", "metrics-addr",
            "min-api-version", "mtu", "network-control-plane-mtu", "no-new-privileges", "node-generic-resources", "pidfile", "proxies",
            "registry-mirrors", "runtimes", "seccomp-profile", "selinux-enabled", "storage-driver", "storage-opts", "swarm-default-advertise-addr",
            "tls", "tlscacert", "tlscert", "tlskey", "tlsverify", "userland-proxy", "userns-remap",
        ];
        var members = string.Join(", ", options.Select(o => $"\"{o}\": {{ \"containerd-snapshotter\": true }}"));

        var result = ReadDaemon($$"""{ {{members}}, "builder": { "gc": { "policy": [ {} ] }, "entitlements": {}, "history": {}, "content-trust": {{Good}} } }""");

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("""{ "builder": { "content-trust": STANZA }, "content-trust": STANZA }""", null, "daemon.json: builder.content-trust and /etc/docker/daemon.json: content-trust")]
    [InlineData("""{ "builder": { "content-trust": STANZA } }""", "STANZA", "daemon.json: builder.content-trust and /etc/docker/content-trust.json")]
    [InlineData("""{ "content-trust": STANZA }""", "STANZA", "daemon.json: content-trust and /etc/docker/content-trust.json")]
    [InlineData("""{ "builder": { "content-trust": STANZA }, "content-trust": STANZA }""", "STANZA", "builder.content-trust and /etc/docker/daemon.json: content-trust and /etc/docker/content-trust.json")]
    public void Two_policies_are_a_problem_that_names_them(string daemon, string? file, string both)
    {
        var result = Read(daemon.Replace("STANZA", Good), file?.Replace("STANZA", Good));

        Assert.Null(result.Policy);
        var problem = Assert.Single(result.Problems);
        Assert.Equal(("policy", "content-trust", "exactly one"), (problem.Source, problem.Path, problem.Legal));
        Assert.Contains(both, problem.Found);
    }

    [Fact]
    public void Of_two_policies_the_problems_of_both_are_reported()
    {
        var result = Read("""{ "content-trust": { "mode": "on" } }""", """{ "mode": "off" }""");

        Assert.Equal(["content-trust", "content-trust.mode", "mode"], result.Problems.Select(p => p.Path));
    }

    [Theory]
    [InlineData("""{ "builder": { "content_trust": STANZA } }""", "builder.content_trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "contentTrust": STANZA } }""", "builder.contentTrust", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "Content-Trust": STANZA } }""", "builder.Content-Trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "content-truſt": STANZA } }""", "builder[\"content-tru\\u017ft\"]", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "contnet-trust": STANZA } }""", "builder.contnet-trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "content-trust ": STANZA } }""", "builder[\"content-trust \"]", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "docker-content-trust": STANZA } }""", "builder.docker-content-trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "builder": { "trust-pinning": {} } }""", "builder.trust-pinning", "did you mean \"content-trust\"")]
    [InlineData("""{ "Content-Trust": STANZA }""", "Content-Trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "content_trust": STANZA }""", "content_trust", "did you mean \"content-trust\"")]
    [InlineData("""{ "Builder": {} }""", "Builder", "did you mean \"builder\"")]
    [InlineData("""{ "bilder": { "content-trust": STANZA } }""", "bilder.content-trust", "move it there")]
    [InlineData("""{ "features": { "content-trust": true } }""", "features.content-trust", "move it there")]
    [InlineData("""{ "builder": { "gc": { "content-trust": STANZA } } }""", "builder.gc.content-trust", "move it there")]
    [InlineData("""{ "x": [ { "content-trust": STANZA } ] }""", "x[0].content-trust", "move it there")]
    [InlineData("""{ "builder": [] }""", "builder", "write \"builder\": { \"content-trust\": { … } }")]
    [InlineData("""{ "builder": { "content-trust": STANZA }, "builder": {} }""", "builder", "join them")]
    [InlineData("""{ "builder": { "content-trust": STANZA, "content-trust": STANZA } }""", "builder.content-trust", "remove all but one")]
    [InlineData("""{ "content-trust": STANZA, "content-trust": STANZA }""", "content-trust", "remove all but one")]
    [InlineData("[]", "$", "write { … }")]
    public void A_stanza_that_nobody_would_read_is_a_problem(string daemon, string path, string nextStep)
    {
        var result = ReadDaemon(daemon.Replace("STANZA", Good));

        Assert.Null(result.Policy);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((DaemonPath, path, nextStep), (problem.Source, problem.Path, problem.NextStep));
        Assert.Equal(path != "$", result.StanzaSeen);
    }

    [Theory]
    [InlineData("{", "invalid JSON in line 1, column 2")]
    [InlineData("{\n  \"debug\": tru }", "invalid JSON in line 2, column 15")]
    [InlineData("{} {}", "invalid JSON in line 1, column 4")]
    [InlineData("{ // comment\n}", "invalid JSON in line 1, column 3")]
    [InlineData("{ \"a\": 1, }", "invalid JSON in line 1, column 11")]
    public void Broken_JSON_is_one_problem_with_line_and_column(string daemon, string found)
    {
        var result = ReadDaemon(daemon);

        var problem = Assert.Single(result.Problems);
        Assert.Equal("$", problem.Path);
        Assert.StartsWith(found, problem.Found);
        Assert.False(result.StanzaSeen);
    }

    [Fact]
    public void Invalid_UTF8_is_one_problem_with_line_and_column()
    {
        var result = Read([.. "{\n \"a\": \"ä"u8, 0xC3, (byte)'"', (byte)'}'], null);

        Assert.Equal("invalid UTF-8 in line 2, column 10", Assert.Single(result.Problems).Found);
    }

    [Fact]
    public void UTF16_is_named()
    {
        var result = Read([0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0], null);

        Assert.Contains("UTF-16", Assert.Single(result.Problems).Found);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var result = ReadDaemon(string.Concat(Enumerable.Repeat("[", 100_000)));

        Assert.StartsWith("invalid JSON in line 1", Assert.Single(result.Problems).Found);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over_and_the_fingerprint_is_that_of_the_stanza()
    {
        var plain = ReadStanza(Good);
        var marked = ReadDaemon($$"""{{"\uFEFF"}}{ "debug": true, "builder": { "content-trust": {{Good}} } }""");

        Assert.Equal(plain.Policy!.Fingerprint, marked.Policy!.Fingerprint);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Good))),
            plain.Policy.Fingerprint);
    }

    [Fact]
    public void An_empty_policy_file_is_a_problem()
    {
        var result = Read(null, " \n");

        Assert.Equal((FilePath, "$", "an empty file"), Place(Assert.Single(result.Problems)));
        Assert.True(result.StanzaSeen);
    }

    [Fact]
    public void A_wrapped_stanza_in_the_policy_file_is_explained()
    {
        var result = Read(null, $$"""{ "content-trust": {{Good}} }""");

        Assert.Equal(["content-trust", "mode"], result.Problems.Select(p => p.Path));
        Assert.Contains("write its members directly", result.Problems[0].NextStep);
    }

    [Fact]
    public void A_broken_daemon_json_that_names_trust_may_have_held_the_policy()
    {
        Assert.True(ReadDaemon("""{ "builder": { "content-trust": { "mode": "enforced" } }""").StanzaSeen);
    }

    private static (string Source, string Path, string Found) Place(PolicyProblem p) => (p.Source, p.Path, p.Found);
}
