using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>Which trust policies and trust stores of notation a policy may name, and what is said about them.</summary>
public sealed class NotationPolicyTests : IDisposable
{
    private const string Pattern = "registry.example.com/team/*";

    private readonly TemporaryFolder _temporary = new();
    private readonly NotationFolder _folder;
    private readonly NotationSigner _signer = NotationSigner.Make(new CertificateShape { RevocationUri = "http://crl.example.com/acme" });

    public NotationPolicyTests() =>
        _folder = new NotationFolder(_temporary.Path).With(NotationFolder.Statement()).With("ca", "acme", _signer.Chain[^1]);

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_whole_entry_is_read()
    {
        var entry = _folder.Entry(withLists: true);
        _folder.WithList(_signer.Chain[^1].List(CertificateShape.From, CertificateShape.From.AddYears(1)));
        entry["notation"]!["max-signature-age"] = "720h";
        entry["notation"]!["annotations"] = new JsonObject { ["env"] = "prod" };
        entry["accept-until"] = new JsonObject { ["notation"] = "2030-01-01" };
        var result = Read(entry);
        Assert.Empty(result.Problems.Concat(result.Warnings));
        var notation = Assert.IsType<NotationPolicy>(Assert.Single(Assert.Single(result.Policy!.Signatures.All).Demands));
        Assert.Equal((TimeSpan.FromHours(720), "prod", 1, 1), (notation.MaxAge, notation.Annotations["env"], notation.Revocation!.Lists.Count, notation.Threshold));
        Assert.Equal("all", Assert.Single(notation.Statements).Name);
        Assert.Equal(NotationStoreKind.Authority, Assert.Single(notation.Stores).Key.Kind);

        using var report = new StringWriter();
        PolicyReport.Write(report, result);
        Assert.Contains(
            $"    {Pattern}: any of notation by {_folder.TrustPolicy} (all: strict by ca:acme of 1) and 1 lists of revoked certificates not older than 720h with \"env=prod\" until 2030-01-01",
            report.ToString(),
            StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Bad => new()
    {
        { "{}", "no trust policy" },
        { """{ "trust-policy": "POLICY" }""", "no trust store" },
        { """{ "trust-policy": "trustpolicy.json", "trust-store": "STORE" }""", "trustpolicy.json" },
        { """{ "trust-policy": "/nonexistent", "trust-store": "STORE" }""", "does not exist" },
        { """{ "trust-policy": "/etc", "trust-store": "STORE" }""", "not a regular file" },
        { """{ "trust-policy": "/etc/passwd", "trust-store": "STORE" }""", "no trust policy" },
        { """{ "trust-policy": "POLICY", "trust-store": "/nonexistent" }""", "does not exist" },
        { """{ "trust-policy": "POLICY", "trust-store": "POLICY" }""", "no folder" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "crls": "/nonexistent" }""", "does not exist" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "revocation-hosts": [] }""", "0 hosts" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "revocation-hosts": "ocsp.example.com" }""", "ocsp.example.com" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "revocation-hosts": [ 1 ] }""", "1" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "revocation-hosts": [ "a", "a" ] }""", "twice" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "max-signature-age": "1s" }""", "1s" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "annotations": { "a": 1 } }""", "1" },
        { """{ "trust-policy": "POLICY", "trust-store": "STORE", "level": "strict" }""", "the unknown key" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_not_right_is_a_problem(string notation, string found)
    {
        var text = notation.Replace("POLICY", _folder.TrustPolicy, StringComparison.Ordinal).Replace("STORE", _folder.TrustStore, StringComparison.Ordinal);
        ShouldHaveProblem(ReadWith($$"""
            "signature-policies": { "{{Pattern}}": { "notation": {{text}} } }
            """), found);
    }

    [Fact]
    public void A_store_must_be_of_regular_files_with_trusted_certificates_that_root_alone_can_write()
    {
        var store = Path.Combine(_folder.TrustStore, "x509", "ca", "acme");
        void Broken(Action change, Action restore, string found)
        {
            change();
            ShouldHaveProblem(Read(), found);
            restore();
            Assert.Empty(Read().Problems);
        }

        var extra = Path.Combine(store, "more.crt");
        Broken(() => Directory.CreateDirectory(Path.Combine(store, "sub.pem")), () => Directory.Delete(Path.Combine(store, "sub.pem")), "a folder inside");
        Broken(() => File.CreateSymbolicLink(extra, Path.Combine(store, "root.pem")), () => File.Delete(extra), "a symbolic link");
        Broken(() => File.WriteAllText(extra, "no certificate"), () => File.Delete(extra), "cannot be read");
        Broken(() => File.WriteAllText(extra, ""), () => File.Delete(extra), "cannot be read");
        Broken(() => File.WriteAllText(extra, _signer.Chain[0].Pem), () => File.Delete(extra), "neither of an authority nor signed by itself");
        Broken(() => File.WriteAllText(Path.Combine(store, "README"), "x"), () => File.Delete(Path.Combine(store, "README")), "none of these files");
        Broken(
            () => File.SetUnixFileMode(Path.Combine(store, "root.pem"), UnixFileMode.UserRead | UnixFileMode.OtherWrite),
            () => File.SetUnixFileMode(Path.Combine(store, "root.pem"), UnixFileMode.UserRead),
            "others than root can write");
        foreach (var folder in new[] { store, Path.Combine(_folder.TrustStore, "x509"), _folder.TrustStore })
        {
            var mode = File.GetUnixFileMode(folder);
            Broken(() => File.SetUnixFileMode(folder, mode | UnixFileMode.OtherWrite), () => File.SetUnixFileMode(folder, mode), "others than root can write");
        }

        Broken(
            () =>
            {
                Directory.Move(store, store + "-real");
                Directory.CreateSymbolicLink(store, store + "-real");
            },
            () =>
            {
                Directory.Delete(store);
                Directory.Move(store + "-real", store);
            },
            "a symbolic link");
        Broken(() => File.Move(Path.Combine(store, "root.pem"), extra + ".kept"), () => File.Move(extra + ".kept", Path.Combine(store, "root.pem")), "none of these files");
        Broken(
            () => Enumerable.Range(0, NotationFiles.MaxItems).ToList().ForEach(i => File.WriteAllText(Path.Combine(store, $"{i}.pem"), _signer.Chain[^1].Pem)),
            () => Enumerable.Range(0, NotationFiles.MaxItems).ToList().ForEach(i => File.Delete(Path.Combine(store, $"{i}.pem"))),
            "more than 64 files");
    }

    [Fact]
    public void A_trust_policy_that_strangers_can_change_is_a_problem()
    {
        File.SetUnixFileMode(_folder.TrustPolicy, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        ShouldHaveProblem(Read(), "others than root can write");
    }

    [Fact]
    public void A_timestamp_store_holds_roots_alone()
    {
        _folder.With(NotationFolder.Statement(stores: ["ca:acme", "tsa:clock"])).With("tsa", "clock", TestCertificate.Make(new CertificateShape()));
        ShouldHaveProblem(Read(), "no root of an authority");
        _folder.With("tsa", "clock", _signer.Chain[^1]);
        Assert.Contains("tsa store", Assert.Single(Read().Warnings).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Revocation_that_nothing_can_enforce_is_a_problem()
    {
        foreach (var (level, overrides) in new[] { ("strict", new JsonObject()), ("permissive", new JsonObject { ["revocation"] = "enforce" }) })
        {
            _folder.With(NotationFolder.Statement(level: level, overrides: overrides));
            var problem = Assert.Single(Read().Problems);
            Assert.Contains("enforces revocation", problem.Found, StringComparison.Ordinal);
            Assert.Contains("\"override\": { \"revocation\": \"skip\" }", problem.NextStep, StringComparison.Ordinal);
            Assert.Contains("\"revocation-hosts\": [", problem.NextStep, StringComparison.Ordinal);
            Assert.Contains("\"crls\": ", problem.NextStep, StringComparison.Ordinal);
            Assert.Empty(Read(WithHosts("ocsp.example.com")).Problems);
        }

        _folder.WithList(_signer.Chain[^1].List(CertificateShape.From, CertificateShape.From.AddYears(1)));
        Assert.Empty(Read(_folder.Entry(withLists: true)).Problems);
        File.WriteAllText(Path.Combine(_folder.Lists, "more.crl"), "no list");
        ShouldHaveProblem(Read(_folder.Entry(withLists: true)), "no full list");
    }

    [Theory]
    [InlineData("ocsp.example.com", "http://ocsp.example.com/x", "https://ocsp.example.com:443/", "http://ocsp.example.com:80/")]
    [InlineData("ocsp.example.com:8080", "http://ocsp.example.com:8080/", "https://ocsp.example.com:8080/")]
    [InlineData("10.0.0.1:80", "http://10.0.0.1/", "https://10.0.0.1:80/")]
    [InlineData("[::1]:8080", "http://[::1]:8080/")]
    [InlineData("[::1]", "http://[::1]/")]
    public void A_host_covers_itself_and_the_ports_of_the_schemes_or_its_own(string text, params string[] places)
    {
        Assert.True(RevocationHost.TryParse(text, out var host));
        Assert.Equal(text, host.ToString());
        Assert.All(places, p => Assert.True(host.Covers(new Uri(p)), p));
        foreach (var other in new[] { "http://ocsp.example.com:81/", "http://x.ocsp.example.com/", "http://example.com/", "http://ocsp.example.com.evil.org/", "http://[::2]/" })
        {
            Assert.False(host.Covers(new Uri(other)), other);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.example.com")]
    [InlineData("OCSP.example.com")]
    [InlineData("http://ocsp.example.com")]
    [InlineData("ocsp.example.com/")]
    [InlineData("ocsp.example.com/x")]
    [InlineData("ocsp.example.com:")]
    [InlineData("ocsp.example.com:0")]
    [InlineData("ocsp.example.com:65536")]
    [InlineData("ocsp.example.com:+80")]
    [InlineData("user@ocsp.example.com")]
    [InlineData("ocsp.example.com?x")]
    [InlineData("ocsp.example.com#x")]
    [InlineData(" ocsp.example.com")]
    [InlineData("::1")]
    [InlineData("127.1")]
    [InlineData("ocsp\\example")]
    [InlineData("\u00e4.example.com")]
    public void What_is_no_host_is_a_problem(string text)
    {
        Assert.False(RevocationHost.TryParse(text, out _));
        ShouldHaveProblem(Read(WithHosts(text)), "");
    }

    [Fact]
    public void At_most_16_hosts_are_named()
    {
        Assert.Empty(Read(WithHosts([.. Enumerable.Range(0, 16).Select(i => $"h{i}.example.com")])).Problems);
        ShouldHaveProblem(Read(WithHosts([.. Enumerable.Range(0, 17).Select(i => $"h{i}.example.com")])), "17 hosts");
    }

    [Fact]
    public void Hosts_are_part_of_what_is_shown_and_of_the_fingerprint()
    {
        string Of(params string[] hosts) => Assert.Single(Assert.Single(Read(WithHosts(hosts)).Policy!.Signatures.All).Demands).Fingerprint;
        Assert.Equal(Of("a.example.com", "b.example.com:81"), Of("b.example.com:81", "a.example.com"));
        Assert.Equal(4, new[] { Fingerprint(), Of("a.example.com"), Of("b.example.com"), Of("a.example.com:80") }.Distinct().Count());
        var demand = Assert.Single(Assert.Single(Read(WithHosts("a.example.com", "b.example.com:81")).Policy!.Signatures.All).Demands);
        Assert.Contains("and revocation asked of a.example.com, b.example.com:81", demand.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_for_other_repositories_is_no_problem_and_none_at_all_is()
    {
        _folder.With(NotationFolder.Statement(), NotationFolder.Statement("strict", "registry.example.com/elsewhere/app", overrides: []));
        Assert.Empty(Read().Problems);
        _folder.With(NotationFolder.Statement("strict", "registry.example.com/elsewhere/app"));
        ShouldHaveProblem(Read(), "no statement for");
    }

    [Fact]
    public void What_has_consequences_warns()
    {
        var skip = NotationFolder.Statement("skipped", "registry.example.com/team/app", "skip", [], [], []);
        _folder.With(NotationFolder.Statement(level: "audit", identities: ["x509.subject: C=US, ST=WA, O=Acme", "com.example:x"]), skip);
        var warnings = Read().Warnings.Select(w => w.Found).ToArray();
        Assert.Equal(3, warnings.Length);
        Assert.Contains(warnings, w => w.Contains("level is skip", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("only logs authenticity", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("matches nobody", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_decides_is_another_policy_when_it_changes_and_nothing_else_is()
    {
        var before = Fingerprint();
        File.WriteAllText(_folder.TrustPolicy, File.ReadAllText(_folder.TrustPolicy) + "\n");
        Assert.Equal(before, Fingerprint());

        _folder.With(NotationFolder.Statement(identities: ["*"]));
        var identities = Fingerprint();
        _folder.With(NotationFolder.Statement(level: "permissive", identities: ["*"]));
        var level = Fingerprint();
        _folder.With("ca", "acme", NotationSigner.Make().Chain[^1], "more.pem");
        var store = Fingerprint();
        _folder.WithList(_signer.Chain[^1].List(CertificateShape.From, CertificateShape.From.AddYears(1)));
        var lists = Fingerprint(withLists: true);
        _folder.WithList(_signer.Chain[^1].List(CertificateShape.From, CertificateShape.From.AddYears(1), _signer.Chain[0]));
        var revoked = Fingerprint(withLists: true);
        Assert.Equal(6, new[] { before, identities, level, store, lists, revoked }.Distinct().Count());
    }

    private JsonObject WithHosts(params string[] hosts)
    {
        var entry = _folder.Entry();
        entry["notation"]!["revocation-hosts"] = new JsonArray([.. hosts.Select(h => JsonValue.Create(h))]);
        return entry;
    }

    private string Fingerprint(bool withLists = false) => Assert.Single(Assert.Single(Read(_folder.Entry(withLists)).Policy!.Signatures.All).Demands).Fingerprint;

    private PolicyLoadResult Read(JsonObject? entry = null) => ReadWith($$"""
        "signature-policies": { "{{Pattern}}": {{(entry ?? _folder.Entry()).ToJsonString()}} }
        """);

    private static void ShouldHaveProblem(PolicyLoadResult result, string found)
    {
        Assert.Null(result.Policy);
        Assert.True(result.Problems.Any(p => p.Found.Contains(found, StringComparison.Ordinal)), $"{found}: {string.Join('\n', result.Problems)}");
        Assert.All(result.Problems, p => Assert.StartsWith($"builder.content-trust.signature-policies[\"{Pattern}\"].notation", p.Path, StringComparison.Ordinal));
    }
}
