using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>Settings while they are being read; later sources overwrite earlier ones.</summary>
internal sealed class SettingsDraft
{
    public ServiceSettings Value { get; set; } = new();
}

/// <summary>
/// One setting: how it is read from JSON, how a text (environment, command line) becomes such JSON, and how it is written.
/// </summary>
/// <param name="FromText">A text as the JSON value that it stands for; the first argument names the source.</param>
/// <param name="Write">The value as JSON.</param>
internal sealed record SettingKey(
    ConfigKey<SettingsDraft> Key,
    Func<string, string, ConfigNode> FromText,
    Func<ServiceSettings, string> Write)
{
    public const string EnvironmentPrefix = "CONTENT_TRUST_";

    public string Name => Key.Name;

    /// <summary><c>engine-socket</c> → <c>CONTENT_TRUST_ENGINE_SOCKET</c>.</summary>
    public string Variable => EnvironmentPrefix + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>A value that is a JSON string.</summary>
    /// <param name="read">Null when the value is not legal and that has been reported.</param>
    public static SettingKey Text<T>(
        string name,
        Func<ConfigNode, Findings, Setting<T>?> read,
        Func<ServiceSettings, T> get,
        Func<ServiceSettings, T, ServiceSettings> set,
        Func<T, string> format) =>
        Make(name, read, set, (source, text) => ConfigNode.Outside(source, ConfigKind.String, text), s => $"\"{format(get(s))}\"");

    /// <summary>A value that is a JSON number.</summary>
    public static SettingKey Count(
        string name,
        int least,
        int most,
        Func<ServiceSettings, int> get,
        Func<ServiceSettings, int, ServiceSettings> set) =>
        Make(
            name,
            (node, findings) => ConfigValue.ReadCount(node, least, most, findings) is { } value ? new Setting<int>(value) : null,
            set,
            (source, text) => ConfigNode.Outside(source, ConfigKind.Number, text),
            s => get(s).ToString(CultureInfo.InvariantCulture));

    /// <summary>A value that is a JSON list of strings; as text, separated by commas.</summary>
    public static SettingKey List(
        string name,
        Func<ConfigNode, Findings, Setting<IReadOnlyList<string>>?> read,
        Func<ServiceSettings, IReadOnlyList<string>> get,
        Func<ServiceSettings, IReadOnlyList<string>, ServiceSettings> set) =>
        Make(name, read, set, SplitList, s => "[" + string.Join(", ", get(s).Select(i => $"\"{i}\"")) + "]");

    private static SettingKey Make<T>(
        string name,
        Func<ConfigNode, Findings, Setting<T>?> read,
        Func<ServiceSettings, T, ServiceSettings> set,
        Func<string, string, ConfigNode> fromText,
        Func<ServiceSettings, string> write)
    {
        void Read(SettingsDraft draft, ConfigNode node, Findings findings)
        {
            if (read(node, findings) is { } setting)
            {
                draft.Value = set(draft.Value, setting.Value);
            }
        }

        return new SettingKey(new ConfigKey<SettingsDraft>(name, write(new ServiceSettings()), Read), fromText, write);
    }

    private static ConfigNode SplitList(string source, string text)
    {
        var list = ConfigNode.Outside(source, ConfigKind.Array, "");
        foreach (var item in text.Length == 0 ? [] : text.Split(','))
        {
            list.AddItem(ConfigKind.String, item.Trim());
        }

        return list;
    }
}

/// <summary>A legal value; the wrapper tells a legal null from an illegal value.</summary>
internal readonly record struct Setting<T>(T Value);
