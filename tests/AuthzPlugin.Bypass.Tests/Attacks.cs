using System.Text.Json.Nodes;
using AuthzPlugin.Bypass.Tests.Running;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Bypass.Tests;

/// <summary>The images, once for all cases.</summary>
public sealed class AttackImages(LabFixture lab)
{
    public AttackLab Lab { get; } = new(lab);

    public Tally Tally { get; } = new();
}

/// <summary>
/// Every case of <c>Cases/</c>: with the plugin off the attack must succeed on this engine (or the case says that it does not), in enforced
/// mode it must not, no approval is written for the evil image, and the enforcement still stands.
/// </summary>
[Collection(LabFixture.Collection)]
[TestCaseOrderer("AuthzPlugin.Bypass.Tests.Running.SumsLast", "AuthzPlugin.Bypass.Tests")]
public sealed class Attacks(LabFixture lab, AttackImages images, ITestOutputHelper output) : IClassFixture<AttackImages>
{
    private const int MoreRaces = 3;

    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SuccessLimit = TimeSpan.FromSeconds(5);

    private readonly Evidence _evidence = new(lab);

    public static TheoryData<string> Ids => [.. CaseFile.All.Select(c => c.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public Task No_way_round(string id) => lab.TestAsync(async () =>
    {
        var attack = CaseFile.All.Single(c => c.Id == id);
        await images.Lab.PrepareAsync();
        await SucceedsWithoutPluginAsync(attack);
        await FailsWhenEnforcedAsync(attack);
    });

    [Fact]
    public void Every_class_has_at_least_eight_cases_and_no_name_twice()
    {
        Assert.All(CaseFile.All.GroupBy(c => c.Class), group => Assert.True(group.Count() >= 8, $"{group.Key} has {group.Count()} cases"));
        Assert.Equal(CaseFile.All.Count, CaseFile.All.Select(c => c.Id).Distinct().Count());
        Assert.True(CaseFile.All.Count >= 150, $"there are {CaseFile.All.Count} cases");
    }

    [Fact]
    public void None_of_them_broke_through()
    {
        var tally = images.Tally;
        var others = tally.NoAttackHere == 0 ? "" : $"; {tally.NoAttackHere} more are no attack on this engine, plugin or not";
        output.WriteLine($"figure: attack cases {tally.Attacks}, broken through {tally.BrokenThrough.Count} (engine {Engine}){others}");
        Assert.Empty(tally.BrokenThrough);
    }

    private string Engine => lab.Env["LAB_ENGINE"];

    private async Task SucceedsWithoutPluginAsync(AttackCase attack)
    {
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        await CleanAsync();
        var (found, answers) = await RunAsync(attack, enforced: false, SuccessLimit, () => Task.CompletedTask);
        await CleanAsync();
        // A race can be lost.
        for (var again = 0; found is null && again < MoreRaces && attack.Steps.Any(s => s.Kind == StepKind.Race); again++)
        {
            (found, answers) = await RunAsync(attack, enforced: false, SuccessLimit, () => Task.CompletedTask);
            await CleanAsync();
        }

        var works = attack.WorksOn.Count == 0 || attack.WorksOn.Contains(Engine);
        Assert.True(works == found is not null, works
            ? $"NO ATTACK on {Engine}: with the plugin off it does not come to \"{attack.Never}\"; the answers were\n{answers}"
            : $"AN ATTACK on {Engine} after all, which works-on does not say: {found}");
        _ = works ? images.Tally.Attacks++ : images.Tally.NoAttackHere++;
    }

    private async Task FailsWhenEnforcedAsync(AttackCase attack)
    {
        var (found, answers) = await RunAsync(attack, enforced: true, SettleTime, () => lab.WithPolicyAsync(policy =>
        {
            foreach (var (key, value) in JsonNode.Parse(attack.Policy)!.AsObject())
            {
                policy[key] = value?.DeepClone();
            }
        }));
        var approved = Memories().FirstOrDefault(a => a.Contains(images.Lab.EvilId, StringComparison.Ordinal));
        var stands = await lab.Engine.CreateAsync(images.Lab.Evil);
        await lab.WithPolicyAsync(p => p["mode"] = "disabled");
        await CleanAsync();
        var broken = found ?? (approved is null ? null : $"the plugin remembers the evil image as approved: {approved}");
        if (broken is not null)
        {
            images.Tally.BrokenThrough.Add($"{attack.Id}: {broken}");
        }

        Assert.True(broken is null, $"BROKEN THROUGH: {broken}; the answers were\n{answers}");
        stands.ShouldBeRefused();
    }

    private async Task<(string? Found, string Answers)> RunAsync(AttackCase attack, bool enforced, TimeSpan limit, Func<Task> enforce)
    {
        var container = $"c{Guid.NewGuid():N}"[..12] + (enforced ? "on" : "off");
        using var run = new Attack(lab, images.Lab, container, enforced);
        await run.RunAsync(attack.Steps.Where(s => s.Before));
        await enforce();
        await using var events = await EventWatch.StartAsync(lab.Env["LAB_ENGINE_SOCKET"]);
        run.HasSucceeded = () => events.Evil is not null;
        run.Forget();
        await run.RunAsync(attack.Steps.Where(s => !s.Before));
        var deadline = DateTimeOffset.UtcNow + limit;
        string? found;
        while ((found = await _evidence.FindAsync(run.Expand(attack.Never), container, events, run.Answers)) is null && DateTimeOffset.UtcNow < deadline)
        {
            await Task.Delay(50);
        }

        Assert.False(events.Ended, "the engine stopped telling what runs");
        return (found, string.Join("\n--\n", run.Answers));
    }

    /// <summary>Approvals of containers, and what the plugin remembers of images.</summary>
    private IEnumerable<string> Memories() => new[] { "approvals", "images" }
        .Select(folder => Path.Combine(lab.Root, "plugin", "state", folder))
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateFiles)
        .Select(File.ReadAllText);

    /// <summary>While the plugin is off: nothing of an attack stays.</summary>
    private async Task CleanAsync()
    {
        await lab.Engine.PostAsync("/swarm/leave?force=1");
        foreach (var plugin in (await lab.Engine.GetAsync("/plugins")).Json.EnumerateArray())
        {
            await lab.Engine.DeleteAsync($"/plugins/{plugin.GetProperty("Name").GetString()}?force=1");
        }

        foreach (var (id, _) in await lab.Engine.ContainersAsync())
        {
            await lab.Engine.PostAsync($"/containers/{id}/unpause");
            await lab.Engine.RemoveAsync(id);
        }

        // Volumes with names as well: since API 1.42 only when asked for, before that always.
        if (!(await lab.Engine.PostAsync("/volumes/prune?filters=%7B%22all%22%3A%5B%22true%22%5D%7D")).Succeeded)
        {
            (await lab.Engine.PostAsync("/volumes/prune")).ShouldSucceed();
        }

        await images.Lab.RestoreNamesAsync();
    }
}
