namespace AuthzPlugin.Enforcement.Settings;

/// <summary>A setting as the command line's help needs it.</summary>
/// <param name="Name">Key of the file, and the option without its dashes.</param>
/// <param name="Variable">Environment variable.</param>
/// <param name="Default">As JSON.</param>
public sealed record SettingDescription(string Name, string Variable, string Default)
{
    /// <summary>Every setting, in the order of the file.</summary>
    public static IReadOnlyList<SettingDescription> All { get; } =
        [.. SettingKeys.All.Select(k => new SettingDescription(k.Name, k.Variable, k.Key.Default))];
}
