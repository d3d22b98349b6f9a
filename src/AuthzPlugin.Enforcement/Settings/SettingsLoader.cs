using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>
/// Reads the settings: command line over environment over file over defaults. Every source is checked whole, overruled or not.
/// </summary>
public static class SettingsLoader
{
    public static SettingsLoadResult Load(SettingsSources sources)
    {
        var draft = new SettingsDraft();
        var file = new Findings(sources.File);
        var environment = new Findings("environment");
        var commandLine = new Findings("command line");
        ReadFile(sources, draft, file);
        ReadEnvironment(sources.Environment, draft, environment);
        ReadCommandLine(sources.CommandLine, draft, commandLine);
        PolicyProblem[] problems = [.. file.Problems, .. environment.Problems, .. commandLine.Problems];
        if (problems.Length == 0)
        {
            var together = new Findings("settings");
            SettingsRules.Check(draft.Value, together);
            problems = [.. together.Problems];
        }

        return new SettingsLoadResult(problems.Length == 0 ? draft.Value : null, problems);
    }

    /// <summary>The settings as a settings file, every key written out; a proxy's login is left out.</summary>
    public static void Write(TextWriter output, ServiceSettings settings) =>
        output.Write("{\n" + string.Join(",\n", SettingKeys.All.Select(k => $"  \"{k.Name}\": {k.Write(settings)}")) + "\n}\n");

    private static void ReadFile(SettingsSources sources, SettingsDraft draft, Findings findings)
    {
        var file = ConfigFile.Read(sources.File);
        if (file.IsAbsent && !sources.FileMustExist)
        {
            return;
        }

        if (file.Bytes is not { } bytes)
        {
            findings.Problem(
                "$",
                file.Fault ?? "no file",
                "a regular file of at most 1 MiB that root can read",
                "name another file, or make this one");
        }
        else if (!ConfigJson.TryParse(bytes.Span, out var root, out var problem))
        {
            findings.Problem("$", problem, "JSON in UTF-8", "repair it there");
        }
        else
        {
            ConfigObject.Read(root, [.. SettingKeys.All.Select(k => k.Key)], draft, findings, _ => null);
        }
    }

    private static void ReadEnvironment(IReadOnlyDictionary<string, string> variables, SettingsDraft draft, Findings findings)
    {
        var ours = variables.Where(v => v.Key.StartsWith(SettingKey.EnvironmentPrefix, StringComparison.Ordinal));
        foreach (var (name, value) in ours.Where(v => v.Key != SettingsSources.FileVariable).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            ReadText(
                SettingKeys.All.FirstOrDefault(k => k.Variable == name),
                name,
                value,
                SettingKeys.All.Select(k => k.Variable),
                draft,
                findings);
        }
    }

    private static void ReadCommandLine(IReadOnlyList<KeyValuePair<string, string>> options, SettingsDraft draft, Findings findings)
    {
        foreach (var (name, value) in options)
        {
            ReadText(
                SettingKeys.All.FirstOrDefault(k => k.Name == name),
                "--" + name,
                value,
                SettingKeys.All.Select(k => "--" + k.Name),
                draft,
                findings);
        }

        foreach (var twice in options.GroupBy(o => o.Key).Where(g => g.Count() > 1))
        {
            findings.Problem("--" + twice.Key, $"the option {twice.Count()} times", "each option once", "remove all but one");
        }
    }

    private static void ReadText(
        SettingKey? key,
        string source,
        string value,
        IEnumerable<string> known,
        SettingsDraft draft,
        Findings findings)
    {
        if (key is not null)
        {
            key.Key.Read(draft, key.FromText(source, value), findings);
            return;
        }

        var nearest = Spelling.Nearest(source, known);
        var next = nearest is null ? "remove it" : $"did you mean {nearest}";
        findings.Problem(ConfigText.Escape(source), "an unknown setting", "a setting of docs/configuration.md", next);
    }
}
