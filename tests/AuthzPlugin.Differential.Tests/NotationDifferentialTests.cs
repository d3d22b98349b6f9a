using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Notation;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures, trust policies and trust stores to Debian's <c>notation verify</c> 1.3 and to ours: the verdicts must agree, except
/// where a scenario names the rule by which we refuse what notation takes.
/// </summary>
public sealed class NotationDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 50;
    private const int Repeats = 3;

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        await using var comparison = await SignatureComparison.StartAsync("notation");
        var tool = await NotationTool.FindAsync(comparison.Folder);
        await using var responders = new RevocationServer();
        var cases = NotationScenario.All
            .SelectMany(s => new[] { NotationFormat.Jws, NotationFormat.Cose }.SelectMany(f => Enumerable.Range(0, Repeats).Select(_ => (Scenario: s, Format: f))))
            .Select((c, i) => (c.Scenario, c.Format, Path: $"case{i}/app"));

        await SignatureComparison.ForEachAsync(cases, async (one, cancellation) =>
        {
            var home = Directory.CreateDirectory(Path.Combine(comparison.Folder, one.Path)).FullName;
            var files = new NotationFolder(Path.Combine(home, "notation"));
            var scene = new NotationScene(comparison.Registry, responders, one.Path, files, one.Format, DateTimeOffset.UtcNow);
            one.Scenario.Make(scene);
            var theirs = await tool.VerifyAsync($"{scene.Scope}@{scene.Image.Digest}", home, scene.Demanded);
            var demand = Demand(files, scene.Demanded, responders);
            var mine = await OrRefusedAsync(comparison.AskOursAsync(scene.Scope, scene.Image.Digest, demand, cancellation));
            comparison.Add(one.Scenario.Name, $"{one.Format}", one.Scenario.Reason, one.Scenario.Rule is null ? Difference.None : Difference.WeRefuse, theirs, mine);
        });

        comparison.Report(output, LeastCases);
    }

    // A responder that says nothing leaves us undecided; notation refuses.
    private static async Task<(bool Trusted, string Text)> OrRefusedAsync(Task<(bool Trusted, string Text)> ours)
    {
        try
        {
            return await ours;
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
}
