using System.Collections;
using System.CommandLine;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;

namespace AuthzPlugin.Commands;

/// <summary>One command-line option for every setting, and <c>--settings FILE</c>.</summary>
/// <param name="shown">The settings stand in the help too: for the command that is about them.</param>
internal sealed class SettingsOptions(bool shown = false)
{
    private readonly Option<string?> _file = new("--settings")
    {
        Description = $"settings file (default {SettingsSources.DefaultFile})",
        HelpName = "FILE",
    };

    private readonly (string Name, Option<string?> Option)[] _settings =
    [
        .. SettingDescription.All.Select(s => (s.Name, new Option<string?>("--" + s.Name)
        {
            Description = $"default {(s.Default.Length == 0 ? "none" : s.Default)}",
            HelpName = "VALUE",
            Hidden = !shown,
        })),
    ];

    public void AddTo(Command command)
    {
        command.Add(_file);
        foreach (var (_, option) in _settings)
        {
            command.Add(option);
        }
    }

    /// <summary>The settings; null when they have problems, which standard error then has.</summary>
    public ServiceSettings? Read(ParseResult parse)
    {
        var loaded = Load(parse);
        PolicyReport.WriteAll(parse.InvocationConfiguration.Error, "problem", loaded.Problems);
        return loaded.Settings;
    }

    public SettingsLoadResult Load(ParseResult parse)
    {
        var given = new List<KeyValuePair<string, string>>();
        foreach (var (name, option) in _settings)
        {
            if (parse.GetValue(option) is { } value)
            {
                given.Add(new(name, value));
            }
        }

        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        return SettingsLoader.Load(SettingsSources.Create(parse.GetValue(_file), environment, given));
    }
}
