namespace AuthzPlugin.Enforcement.Settings;

/// <summary>Where settings come from, weakest first: defaults, file, environment, command line.</summary>
/// <param name="File">The settings file.</param>
/// <param name="FileMustExist">Somebody named the file, so its absence is a problem.</param>
/// <param name="Environment">All variables of the process; only <c>CONTENT_TRUST_…</c> are looked at.</param>
/// <param name="CommandLine">Options by setting name (<c>engine-socket</c>), without dashes before it, in order.</param>
public sealed record SettingsSources(
    string File,
    bool FileMustExist,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<KeyValuePair<string, string>> CommandLine)
{
    public const string DefaultFile = "/etc/content-trust/settings.json";

    /// <summary>The variable that names the settings file.</summary>
    public const string FileVariable = "CONTENT_TRUST_SETTINGS";

    /// <param name="fileOption">The settings file as the command line names it; null when it does not.</param>
    public static SettingsSources Create(
        string? fileOption,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<KeyValuePair<string, string>> commandLine)
    {
        var named = fileOption ?? environment.GetValueOrDefault(FileVariable);
        return new SettingsSources(named ?? DefaultFile, named is not null, environment, commandLine);
    }
}
