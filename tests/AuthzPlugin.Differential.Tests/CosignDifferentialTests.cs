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
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures in the same registry to Debian's <c>cosign verify</c>, 2.5 and 3.1, and to ours: the verdicts must agree, except where
/// a scenario names the rule by which we refuse what cosign takes.
/// </summary>
public sealed class CosignDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 100;
    private const int LeastPerReason = 5;
    private const int Repeats = 6;

    private readonly ConcurrentBag<Result> _results = [];

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        var folder = Directory.CreateTempSubdirectory("cosign-differential-");
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
        var cases = CosignScenario.All
            .SelectMany(s => s.Versions.SelectMany(v => Enumerable.Range(0, Repeats).Select(i => (Scenario: s, Version: v, Number: i))))
            .Select((c, i) => (c.Scenario, c.Version, Path: $"case{i}/app"));

        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, cancellation) =>
        {
            var scene = Prepare(one.Scenario, one.Path, registry);
            var image = $"{registry.Host.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/{one.Path}";
            var theirs = await tools[one.Version].VerifyAsync($"{image}@{scene.Image}", scene.Key, scene.Demanded);
            Assert.True(ImageReferenceParser.TryParseNamed($"{registry.Host}/{one.Path}", out var named, out _));
            var policy = new CosignPolicy { Keys = [scene.Key.Public], Annotations = scene.Demanded.ToFrozenDictionary(StringComparer.Ordinal) };
            var mine = await ours.FindAsync(named.Repository, scene.Image, policy, TimeSpan.Zero, cancellation);
            _results.Add(new Result(one.Scenario, one.Version, theirs.Trusted, mine.IsEnough, $"{theirs.Text}\n    ours: {string.Join("; ", mine.Lines.Select(l => l.Text))}"));
        });

        Report();
        folder.Delete(recursive: true);
    }

    private static CosignScene Prepare(CosignScenario scenario, string path, RegistrySimulator registry)
    {
        var (image, other) = (registry.PutImage(path, "1", path), registry.PutImage(path, "2", path + " other"));
        var scene = new CosignScene(registry, path, image, other, CosignTestKey.Ecdsa(), CosignTestKey.Ecdsa(), []);
        scenario.Make(scene);
        return scene;
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
            var same = version.Where(r => r.Scenario.Rule is null).ToArray();
            output.WriteLine(
                $"figure: cosign {version.Key} and ours: verdicts agree {same.Count(r => r.Theirs == r.Ours)}/{same.Length}, refused by a rule that cosign has not {version.Count(r => r.Scenario.Rule is not null && r.IsExplained)}");
        }

        output.WriteLine($"figure: cosign cases trusted: {all.Count(r => r.Ours)}/{all.Length}");
        Assert.All(all, r => Assert.True(r.IsExplained, r.Scenario.Name));
        Assert.True(all.Length >= LeastCases, $"{all.Length} cases");
        Assert.True(all.Count(r => r.Ours) * 10 >= all.Length * 3, "at least 30 % are trusted");
        Assert.All(all.GroupBy(r => r.Scenario.Reason), g => Assert.True(g.Count() >= LeastPerReason, g.Key));
        Assert.All(all, r => Assert.Equal(r.Scenario.Reason == "trusted", r.Ours));
    }

    private static string Word(bool trusted) => trusted ? "trusts" : "refuses";

    private sealed record Result(CosignScenario Scenario, string Version, bool Theirs, bool Ours, string Detail)
    {
        public bool IsExplained => Scenario.Rule is null ? Theirs == Ours : Theirs && !Ours;
    }
}
