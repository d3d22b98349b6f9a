using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Sigstore;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same signatures with certificates, of a sigstore of the tests' own, to Debian's <c>cosign verify --trusted-root</c>, 2.5 and 3.1, and to
/// ours: the verdicts must agree, except where a scenario names the rule by which we refuse what cosign takes.
/// </summary>
public sealed class KeylessDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 100;

    private static readonly Dictionary<string, int> Repeats = new() { ["2"] = 6, ["3"] = 3 };
    private static readonly SigstoreSimulator World = new();
    private static readonly SigstoreSimulator Strange = new();

    [Fact]
    public async Task Both_agree_on_every_image_or_a_rule_says_why_not()
    {
        await using var comparison = await SignatureComparison.StartAsync("keyless");
        var tools = new Dictionary<string, CosignTool>();
        foreach (var version in new[] { "2", "3" })
        {
            tools[version] = await CosignTool.FindAsync(version, comparison.Folder);
        }

        var cases = KeylessScenario.All
            .SelectMany(s => s.Versions.SelectMany(v => Enumerable.Range(0, s.Reason == "trusted" ? 2 * Repeats[v] : Repeats[v]).Select(_ => (Scenario: s, Version: v))))
            .Select((c, i) => (c.Scenario, c.Version, Path: $"keyless{i}/app"));

        await SignatureComparison.ForEachAsync(cases, async (one, cancellation) =>
        {
            var scene = Prepare(one.Scenario, one.Path, comparison.Registry);
            var root = CosignFiles.Bytes(scene.Root);
            var image = comparison.NameOf(one.Path);
            var theirs = one.Version == "2"
                ? await tools[one.Version].VerifyKeylessAsync($"{image}@{scene.Image}", World, scene.Demanded)
                : await tools[one.Version].VerifyKeylessAsync($"{image}@{scene.Image}", scene.Root, one.Scenario.Bundles, scene.Demanded);
            var mine = await comparison.AskOursAsync(image, scene.Image, Policy(root, scene.Demanded), cancellation);
            comparison.Add(one.Scenario.Name, $"cosign {one.Version}", one.Scenario.Reason, Allowed(one.Scenario), theirs, mine);
        });

        comparison.Report(output, LeastCases);
    }

    private static Difference Allowed(KeylessScenario scenario) =>
        scenario.Rule is not null ? Difference.WeRefuse : scenario.Wider is not null ? Difference.WeTake : Difference.None;

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
}
