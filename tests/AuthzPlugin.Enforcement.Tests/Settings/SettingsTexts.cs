using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Enforcement.Tests.Policy;

namespace AuthzPlugin.Enforcement.Tests.Settings;

/// <summary>Settings from a text, variables and options.</summary>
internal static class SettingsTexts
{
    public static SettingsLoadResult Load(
        string? file,
        IReadOnlyDictionary<string, string>? environment = null,
        params (string Name, string Value)[] options)
    {
        using var folder = new TemporaryFolder();
        var path = file is null ? folder["none.json"] : folder.Write("settings.json", file);
        var result = SettingsLoader.Load(new SettingsSources(
            path,
            FileMustExist: false,
            environment ?? new Dictionary<string, string>(),
            [.. options.Select(o => KeyValuePair.Create(o.Name, o.Value))]));
        return result with { Problems = [.. result.Problems.Select(p => p.Source == path ? p with { Source = "file" } : p)] };
    }
}
