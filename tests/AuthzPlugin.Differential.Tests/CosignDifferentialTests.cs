using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures in the same registry to Debian's <c>cosign verify</c>, 2.5 and 3.1, and to ours: the verdicts must agree, except where
/// a scenario names the rule by which we refuse what cosign takes.
/// </summary>
public sealed class CosignDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 50;
    private const int Repeats = 6;

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        await using var comparison = await SignatureComparison.StartAsync("cosign");
        var tools = new Dictionary<string, CosignTool>();
        foreach (var version in new[] { "2", "3" })
        {
            tools[version] = await CosignTool.FindAsync(version, comparison.Folder);
        }

        var cases = CosignScenario.All
            .SelectMany(s => s.Versions.SelectMany(v => Enumerable.Range(0, Repeats).Select(i => (Scenario: s, Version: v, Number: i))))
            .Select((c, i) => (c.Scenario, c.Version, Path: $"case{i}/app"));

        await SignatureComparison.ForEachAsync(cases, async (one, cancellation) =>
        {
            var scene = Prepare(one.Scenario, one.Path, comparison.Registry);
            var image = comparison.NameOf(one.Path);
            var theirs = await tools[one.Version].VerifyAsync($"{image}@{scene.Image}", scene.Key, scene.Demanded);
            var policy = new CosignPolicy { Keys = [scene.Key.Public], Annotations = scene.Demanded.ToFrozenDictionary(StringComparer.Ordinal) };
            var mine = await comparison.AskOursAsync(image, scene.Image, policy, cancellation);
            comparison.Add(one.Scenario.Name, $"cosign {one.Version}", one.Scenario.Reason, one.Scenario.Rule is null ? Difference.None : Difference.WeRefuse, theirs, mine);
        });

        comparison.Report(output, LeastCases);
    }

    private static CosignScene Prepare(CosignScenario scenario, string path, RegistrySimulator registry)
    {
        var (image, other) = (registry.PutImage(path, "1", path), registry.PutImage(path, "2", path + " other"));
        var scene = new CosignScene(registry, path, image, other, CosignTestKey.Ecdsa(), CosignTestKey.Ecdsa(), []);
        scenario.Make(scene);
        return scene;
    }
}
