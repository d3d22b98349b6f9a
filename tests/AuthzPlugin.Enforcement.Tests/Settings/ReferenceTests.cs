using System.Globalization;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Enforcement.Tests.Policy;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Enforcement.Tests.Settings;

/// <summary>docs/configuration.md, config/settings.json and daemon.json.example say what the code does.</summary>
public partial class ReferenceTests
{
    private static readonly string Reference = SourceTree.Read("docs/configuration.md");

    [Fact]
    public void Every_policy_key_and_its_default_stand_in_the_reference_and_no_other() =>
        Assert.Equal(PolicyKeys.All.Select(k => (k.Name, k.Default)), Rows("## Policy keys").Select(r => (r.Key, r.Default)));

    [Fact]
    public void Every_pinning_key_and_its_default_stand_in_the_reference_and_no_other() =>
        Assert.Equal(PinningKeys.All.Select(k => (k.Name, k.Default)), Rows("### trust-pinning").Select(r => (r.Key, r.Default)));

    [Fact]
    public void Every_signature_key_and_its_default_stand_in_the_reference_and_no_other() =>
        Assert.Equal(
            SignatureKeys.Entry.Select(k => (k.Name, k.Default))
                .Concat(SignatureKeys.Cosign.Select(k => (k.Name, k.Default)))
                .Concat(KeylessKeys.All.Select(k => (k.Name, k.Default)))
                .Concat(KeylessKeys.Identity.Select(k => (k.Name, k.Default)))
                .Concat(NotationKeys.All.Select(k => (k.Name, k.Default))),
            Rows("### signature-policies").Select(r => (r.Key, r.Default)));

    [Fact]
    public void Every_key_of_an_exception_and_its_default_stand_in_the_reference_and_no_other() =>
        Assert.Equal(ExceptionKeys.All.Select(k => (k.Name, k.Default)), Rows("### exceptions").Select(r => (r.Key, r.Default)));

    [Fact]
    public void Every_setting_and_its_default_stand_in_the_reference_and_no_other() =>
        Assert.Equal(SettingKeys.All.Select(k => (k.Name, k.Key.Default)), Rows("## Settings").Select(r => (r.Key, r.Default)));

    [Fact]
    public void Every_alias_stands_in_the_reference()
    {
        var aliases = PolicyKeys.All.SelectMany(k => k.Aliases).Concat(PinningKeys.All.SelectMany(k => k.Aliases));

        Assert.All(aliases, alias => Assert.Contains($"`{alias}`", Reference));
    }

    public static TheoryData<string, string, string> SettingRanges() => Ranges("## Settings");

    public static TheoryData<string, string, string> PolicyRanges() => Ranges("## Policy keys");

    [Theory]
    [MemberData(nameof(PolicyRanges))]
    public void A_policy_key_takes_the_range_of_the_reference_and_nothing_beyond(string key, string least, string most)
    {
        Assert.NotNull(PolicyTexts.ReadWith($"\"{key}\": \"{least}\"").Policy);
        Assert.NotNull(PolicyTexts.ReadWith($"\"{key}\": \"{most}\"").Policy);
        Assert.Single(PolicyTexts.ReadWith($"\"{key}\": \"{Beyond(most)}\"").Problems);
    }

    private static TheoryData<string, string, string> Ranges(string heading)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var row in Rows(heading))
        {
            if (Range().Match(row.Legal) is { Success: true } range)
            {
                data.Add(row.Key, range.Groups[1].Value, range.Groups[2].Value);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SettingRanges))]
    public void A_setting_takes_the_range_of_the_reference_and_nothing_beyond(string key, string least, string most)
    {
        Assert.Empty(Read(key, least));
        Assert.Empty(Read(key, most));
        Assert.Single(Read(key, Beyond(most)));
        if (!least.StartsWith('0'))
        {
            Assert.Single(Read(key, "0" + least.TrimStart("0123456789".ToCharArray())));
        }
    }

    [Fact]
    public void The_settings_file_of_the_repository_has_every_default_written_out()
    {
        using var output = new StringWriter();
        SettingsLoader.Write(output, new ServiceSettings());

        Assert.Equal(output.ToString(), SourceTree.Read("config/settings.json"));
        Assert.Equal(new ServiceSettings() with { TokenRealms = [] }, SettingsTexts.Load(SourceTree.Read("config/settings.json")).Settings! with { TokenRealms = [] });
    }

    [Fact]
    public void The_example_of_daemon_json_is_a_policy_without_problems_and_warnings()
    {
        var result = new PolicyLoader(new PolicyPaths(SourceTree.PathOf("daemon.json.example"), "/nonexistent/content-trust.json")).Load();

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        Assert.Equal(EnforcementMode.Enforced, result.Policy!.Mode);
        Assert.EndsWith("daemon.json.example: builder.content-trust", result.Policy.Source);
    }

    [Fact]
    public void The_example_of_daemon_json_shows_every_key()
    {
        var example = SourceTree.Read("daemon.json.example");

        Assert.All(PolicyKeys.All.Select(k => k.Name).Concat(PinningKeys.All.Select(k => k.Name)), key => Assert.Contains($"\"{key}\":", example));
    }

    [Fact]
    public void The_example_of_the_reference_is_a_policy_without_problems_and_warnings()
    {
        var example = Reference.Split("```json\n")[1].Split("```")[0];

        var result = PolicyTexts.ReadDaemon(example);

        Assert.Empty(result.Problems.Concat(result.Warnings));
    }

    private static IReadOnlyList<PolicyProblem> Read(string key, string value)
    {
        var findings = new Findings("test");
        var row = SettingKeys.All.First(k => k.Name == key);
        row.Key.Read(new SettingsDraft(), row.FromText("--" + key, value), findings);
        return findings.Problems;
    }

    private static string Beyond(string most)
    {
        var unit = most.TrimStart("0123456789".ToCharArray());
        var count = int.Parse(most[..^unit.Length], CultureInfo.InvariantCulture) + 1;
        return count.ToString(CultureInfo.InvariantCulture) + unit;
    }

    private static IEnumerable<(string Key, string Default, string Legal)> Rows(string heading)
    {
        var section = Reference.Split(heading + "\n")[1].Split("\n#")[0];
        return section.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split(" | "))
            .Select(cells => (cells[0].TrimStart('|').Trim().Trim('`'), cells[2].Trim('`'), cells[3]));
    }

    [GeneratedRegex(@"\A(\d+\w*) to (\d+\w*)", RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}
