using System.Globalization;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>The JSON types.</summary>
internal enum ConfigKind
{
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// <summary>One member of an object, in the order of the file; a name can stand twice.</summary>
internal readonly record struct ConfigMember(string Name, ConfigNode Value);

/// <summary>
/// A JSON value with its place. Unlike <see cref="System.Text.Json.JsonDocument"/> it keeps duplicate keys apart
/// and knows its path, which every message about a configuration needs.
/// </summary>
internal sealed class ConfigNode
{
    private readonly ConfigNode? _parent;
    private readonly string? _name;
    private readonly int _index;

    private ConfigNode(ConfigKind kind, ConfigNode? parent, string? name, int index)
    {
        Kind = kind;
        _parent = parent;
        _name = name;
        _index = index;
    }

    public ConfigKind Kind { get; }

    /// <summary>The decoded string, or the literal as written for numbers, booleans and null; empty for objects and lists.</summary>
    public string Text { get; private init; } = "";

    public List<ConfigMember> Members { get; } = [];

    public List<ConfigNode> Items { get; } = [];

    /// <summary>Where the value stands in the file, in bytes.</summary>
    public Range Bytes { get; set; }

    /// <summary>
    /// <c>builder.content-trust.trust-pinning.root-keys["registry.example.com/team/*"][0]</c>; <c>$</c> for the whole file.
    /// </summary>
    public string Path => _parent is null
        ? _name ?? "$"
        : _name is null
            ? string.Create(CultureInfo.InvariantCulture, $"{_parent.Path}[{_index}]")
            : _parent.PathOf(_name);

    public static ConfigNode Root(ConfigKind kind, string text) => new(kind, null, null, 0) { Text = text };

    /// <summary>A value that stands in no file: its path is the name of the variable or option.</summary>
    public static ConfigNode Outside(string name, ConfigKind kind, string text) => new(kind, null, name, 0) { Text = text };

    /// <summary>The path that a member has or would have.</summary>
    public string PathOf(string member)
    {
        var prefix = _parent is null ? "" : Path;
        return IsPlain(member)
            ? prefix.Length == 0 ? member : prefix + "." + member
            : prefix + "[" + ConfigText.Quote(member) + "]";
    }

    public ConfigNode AddMember(string name, ConfigKind kind, string text)
    {
        var node = new ConfigNode(kind, this, name, 0) { Text = text };
        Members.Add(new ConfigMember(name, node));
        return node;
    }

    public ConfigNode AddItem(ConfigKind kind, string text)
    {
        var node = new ConfigNode(kind, this, null, Items.Count) { Text = text };
        Items.Add(node);
        return node;
    }

    /// <summary>What stands there, for a message.</summary>
    public string Describe() => Kind switch
    {
        ConfigKind.Object => "an object",
        ConfigKind.Array => "a list",
        ConfigKind.String => ConfigText.Quote(Text),
        ConfigKind.Number => ConfigText.Escape(Text),
        _ => Text,
    };

    private static bool IsPlain(string name) =>
        name.Length is > 0 and <= ConfigText.MaxShown && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
