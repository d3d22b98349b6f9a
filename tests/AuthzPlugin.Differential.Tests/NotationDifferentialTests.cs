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
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures, trust policies and trust stores to Debian's <c>notation verify</c> 1.3 and to ours: the verdicts must agree, except
/// where a scenario names the rule by which we refuse what notation takes.
/// </summary>
public sealed class NotationDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 100;
    private const int LeastPerReason = 5;
    private const int Repeats = 3;

    private readonly ConcurrentBag<Result> _results = [];

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        var folder = Directory.CreateTempSubdirectory("notation-differential-");
        var tool = await NotationTool.FindAsync(folder.FullName);
        await using var registry = await RegistrySimulator.StartAsync();
        registry.HasReferrers = true;
        await using var responders = new RevocationServer();
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
        var cases = NotationScenario.All
            .SelectMany(s => new[] { NotationFormat.Jws, NotationFormat.Cose }.SelectMany(f => Enumerable.Range(0, Repeats).Select(_ => (Scenario: s, Format: f))))
            .Select((c, i) => (c.Scenario, c.Format, Path: $"case{i}/app"));

        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, cancellation) =>
        {
            var home = Directory.CreateDirectory(Path.Combine(folder.FullName, one.Path)).FullName;
            var files = new NotationFolder(Path.Combine(home, "notation"));
            var scene = new NotationScene(registry, responders, one.Path, files, one.Format, DateTimeOffset.UtcNow);
            one.Scenario.Make(scene);
            var theirs = await tool.VerifyAsync($"{scene.Scope}@{scene.Image.Digest}", home, scene.Demanded);
            Assert.True(ImageReferenceParser.TryParseNamed(scene.Scope, out var named, out _));
            var (trusted, text) = await VerifyAsync(ours, named.Repository, scene.Image.Digest, Demand(files, scene.Demanded, responders), cancellation);
            _results.Add(new Result(one.Scenario, one.Format, theirs.Trusted, trusted, $"{theirs.Text}\n    ours: {text}"));
        });

        Report();
        folder.Delete(recursive: true);
    }

    // A responder that says nothing leaves us undecided; notation refuses.
    private static async Task<(bool Trusted, string Text)> VerifyAsync(
        SignatureService ours, RepositoryName repository, Digest image, NotationPolicy demand, CancellationToken cancellation)
    {
        try
        {
            var found = await ours.FindAsync(repository, image, demand, TimeSpan.Zero, cancellation);
            return (found.IsEnough, string.Join("; ", found.Lines.Select(l => l.Text)));
        }
        catch (TransportException e)
        {
            return (false, e.Message);
        }
    }

    private static NotationPolicy Demand(NotationFolder files, Dictionary<string, string> demanded, RevocationServer responders)
    {
        Assert.True(RevocationHost.TryParse(responders.Host, out var host));
        Assert.True(NotationTrustPolicy.TryRead(File.ReadAllBytes(files.TrustPolicy), out var policy, out var problem), problem);
        var stores = policy.Statements.SelectMany(s => s.Stores).Distinct().ToFrozenDictionary(
            s => s, s => NotationCertificate.ReadFile(File.ReadAllBytes(Path.Combine(files.TrustStore, s.Folder, "root.pem")), 64, out _));
        return new NotationPolicy
        {
            File = files.TrustPolicy,
            TrustPolicy = policy,
            Statements = policy.Statements,
            Stores = stores,
            RevocationHosts = [host],
            Annotations = demanded.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private void Report()
    {
        var all = _results.ToArray();
        foreach (var wrong in all.Where(r => !r.IsExplained || r.Ours != (r.Scenario.Reason == "trusted")))
        {
            output.WriteLine($"{wrong.Scenario.Name}, {wrong.Format}: notation {Word(wrong.Theirs)}, ours {Word(wrong.Ours)}\n    notation: {wrong.Detail}");
        }

        var same = all.Where(r => r.Scenario.Rule is null).ToArray();
        output.WriteLine(
            $"figure: notation and ours: verdicts agree {same.Count(r => r.Theirs == r.Ours)}/{same.Length}, refused by a rule that notation has not {all.Count(r => r.Scenario.Rule is not null && r.IsExplained)}");
        output.WriteLine($"figure: notation cases trusted: {all.Count(r => r.Ours)}/{all.Length}");
        Assert.All(all, r => Assert.True(r.IsExplained, r.Scenario.Name));
        Assert.True(all.Length >= LeastCases, $"{all.Length} cases");
        Assert.True(all.Count(r => r.Ours) * 10 >= all.Length * 3, "at least 30 % are trusted");
        Assert.All(all.GroupBy(r => r.Scenario.Reason), g => Assert.True(g.Count() >= LeastPerReason, g.Key));
        Assert.All(all, r => Assert.Equal(r.Scenario.Reason == "trusted", r.Ours));
    }

    private static string Word(bool trusted) => trusted ? "trusts" : "refuses";

    private sealed record Result(NotationScenario Scenario, NotationFormat Format, bool Theirs, bool Ours, string Detail)
    {
        public bool IsExplained => Scenario.Rule is null ? Theirs == Ours : Theirs && !Ours;
    }
}
