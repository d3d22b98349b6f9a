using System.Collections.Concurrent;
using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Sigstore;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures with certificates, of a sigstore of the tests' own, to Debian's <c>cosign verify --trusted-root</c>, 2.5 and 3.1, and to
/// ours: the verdicts must agree, except where a scenario names the rule by which we refuse what cosign takes.
/// </summary>
public sealed class KeylessDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 100;
    private const int LeastPerReason = 5;

    private static readonly Dictionary<string, int> Repeats = new() { ["2"] = 6, ["3"] = 3 };
    private static readonly SigstoreSimulator World = new();
    private static readonly SigstoreSimulator Strange = new();

    private readonly ConcurrentBag<Result> _results = [];

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        var folder = Directory.CreateTempSubdirectory("keyless-differential-");
        var tools = new Dictionary<string, CosignTool>();
        foreach (var version in new[] { "2", "3" })
        {
            tools[version] = await CosignTool.FindAsync(version, folder.FullName);
        }

        await using var registry = await RegistrySimulator.StartAsync();
        registry.HasReferrers = true;
        var options = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(folder.FullName, "trust"),
            CertificatesDirectory = Path.Combine(folder.FullName, "certs.d"),
            CredentialsFile = Path.Combine(folder.FullName, "config.json"),
            RequestTimeout = TimeSpan.FromSeconds(60),
            UpdateTimeout = TimeSpan.FromSeconds(120),
        };
        using var client = new RegistryClient(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        await using var revocation = new RevocationService(options, new RevocationOptions(), TimeProvider.System, NullLogger<RevocationService>.Instance);
        await using var ours = new SignatureService(options, client, revocation, TimeProvider.System);
        var cases = KeylessScenario.All
            .SelectMany(s => s.Versions.SelectMany(v => Enumerable.Range(0, s.Reason == "trusted" ? 2 * Repeats[v] : Repeats[v]).Select(_ => (Scenario: s, Version: v))))
            .Select((c, i) => (c.Scenario, c.Version, Path: $"keyless{i}/app"));

        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, cancellation) =>
        {
            var scene = Prepare(one.Scenario, one.Path, registry);
            var root = CosignFiles.Bytes(scene.Root);
            var image = $"{registry.Host.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/{one.Path}";
            var theirs = one.Version == "2"
                ? await tools[one.Version].VerifyKeylessAsync($"{image}@{scene.Image}", World, scene.Demanded)
                : await tools[one.Version].VerifyKeylessAsync($"{image}@{scene.Image}", scene.Root, one.Scenario.Bundles, scene.Demanded);
            Assert.True(ImageReferenceParser.TryParseNamed($"{registry.Host}/{one.Path}", out var named, out _));
            var mine = await ours.FindAsync(named.Repository, scene.Image, Policy(root, scene.Demanded), TimeSpan.Zero, cancellation);
            _results.Add(new Result(one.Scenario, one.Version, theirs.Trusted, mine.IsEnough, $"{theirs.Text}\n    ours: {string.Join("; ", mine.Lines.Select(l => l.Text))}"));
        });

        Report();
        folder.Delete(recursive: true);
    }

    private static KeylessScene Prepare(KeylessScenario scenario, string path, RegistrySimulator registry)
    {
        var (image, other) = (registry.PutImage(path, "1", path), registry.PutImage(path, "2", path + " other"));
        lock (World)
        {
            // The simulated logs take one entry after the other.
            var scene = new KeylessScene(registry, path, image, other, World, Strange, World.TrustedRoot(), []);
            scenario.Make(scene);
            return scene;
        }
    }

    private static KeylessPolicy Policy(byte[] root, Dictionary<string, string> annotations)
    {
        Assert.True(SigstoreRoot.TryRead(root, out var read, out var problem), problem);
        Assert.True(TextRule.TryExact(SigstoreSimulator.Issuer, out var issuer, out _));
        Assert.True(TextRule.TryExact(SigstoreSimulator.Subject, out var subject, out _));
        return new KeylessPolicy
        {
            Root = read,
            Identities = [new KeylessIdentity(issuer, subject)],
            Annotations = annotations.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private void Report()
    {
        var all = _results.ToArray();
        foreach (var wrong in all.Where(r => !r.IsExplained))
        {
            output.WriteLine($"{wrong.Scenario.Name}, cosign {wrong.Version}: cosign {Word(wrong.Theirs)}, ours {Word(wrong.Ours)}\n    cosign: {wrong.Detail}");
        }

        foreach (var version in all.GroupBy(r => r.Version).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var same = version.Where(r => !r.HasRule).ToArray();
            output.WriteLine(
                $"figure: keyless, cosign {version.Key} and ours: verdicts agree {same.Count(r => r.Theirs == r.Ours)}/{same.Length}, refused by a rule that cosign has not {version.Count(r => r.Scenario.Rule is not null && r.IsExplained)}, taken and not known to cosign {version.Count(r => r.Scenario.Wider is not null && r.IsExplained)}");
            Assert.True(version.Count() >= LeastCases, $"{version.Count()} cases");
        }

        output.WriteLine($"figure: keyless cases trusted: {all.Count(r => r.Ours)}/{all.Length}");
        Assert.All(all, r => Assert.True(r.IsExplained, r.Scenario.Name));
        Assert.True(all.Count(r => r.Ours) * 10 >= all.Length * 3, "at least 30 % are trusted");
        Assert.All(all.GroupBy(r => r.Scenario.Reason), g => Assert.True(g.Count() >= LeastPerReason, g.Key));
        Assert.All(all, r => Assert.Equal(r.Scenario.Reason == "trusted", r.Ours));
    }

    private static string Word(bool trusted) => trusted ? "trusts" : "refuses";

    private sealed record Result(KeylessScenario Scenario, string Version, bool Theirs, bool Ours, string Detail)
    {
        public bool HasRule => Scenario.Rule is not null || Scenario.Wider is not null;

        public bool IsExplained => Scenario switch
        {
            { Rule: not null } => Theirs && !Ours,
            { Wider: not null } => !Theirs && Ours,
            _ => Theirs == Ours,
        };
    }
}
