using System.Buffers;
using System.Text;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>Readers of the kinds of values that only settings have.</summary>
internal static class SettingValues
{
    /// <summary>Longest path, in bytes (Linux: PATH_MAX 4096 with the closing zero).</summary>
    private const int MaxPath = 4095;

    /// <summary>Longest path of a Unix socket, in bytes (sun_path: 108 with the closing zero).</summary>
    private const int MaxSocketPath = 107;

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.:[]");

    public static Setting<string>? ReadPath(ConfigNode node, Findings findings) => ReadPath(node, MaxPath, findings);

    public static Setting<string>? ReadSocketPath(ConfigNode node, Findings findings) => ReadPath(node, MaxSocketPath, findings);

    public static Setting<string>? ReadOptionalSocketPath(ConfigNode node, Findings findings) =>
        node is { Kind: ConfigKind.String, Text: "" } ? new("") : ReadPath(node, MaxSocketPath, findings);

    public static Setting<long>? ReadSize(ConfigNode node, long least, long most, Findings findings)
    {
        var value = node.Kind == ConfigKind.String ? ByteSize.Parse(node.Text) : null;
        if (value >= least && value <= most)
        {
            return new(value.Value);
        }

        findings.Problem(
            node,
            $"a size such as \"16MiB\" (units B, KiB, MiB) from {ByteSize.Format(least)} to {ByteSize.Format(most)}",
            value is null ? "write a string of a whole number and a unit" : "choose a size in that range");
        return null;
    }

    /// <summary>Hosts as <see cref="Uri.Authority"/> writes them for https.</summary>
    public static Setting<IReadOnlyList<string>>? ReadHosts(ConfigNode node, Findings findings)
    {
        if (ConfigValue.ReadStrings(node, "hosts", findings) is not { } items)
        {
            return null;
        }

        foreach (var item in items.Where(i => !IsHost(i.Text)))
        {
            findings.Problem(item, "a host, with a port when it is not 443", "write it in lower case, without scheme and path");
        }

        return new([.. items.Select(i => i.Text)]);
    }

    /// <summary>Under the rules of trust servers: a collector learns what runs here, and credentials for it are in the request.</summary>
    public static Setting<Uri?>? ReadCollector(ConfigNode node, Findings findings)
    {
        if (node is { Kind: ConfigKind.String, Text: "" })
        {
            return new(null);
        }

        var next = "write https://HOST[:PORT], or \"\" for none";
        if (node.Kind == ConfigKind.String && ServerUrl.TryParse(node.Text, out var url, out next))
        {
            return new(url);
        }

        var found = node.Kind == ConfigKind.String ? ConfigText.QuoteUrl(node.Text) : node.Describe();
        findings.Problem(node.Path, found, $"\"\" or {ServerUrl.Legal}", next!);
        return null;
    }

    public static Setting<Uri?>? ReadProxy(ConfigNode node, Findings findings)
    {
        if (node is { Kind: ConfigKind.String, Text: "" })
        {
            return new(null);
        }

        if (node.Kind == ConfigKind.String
            && Uri.TryCreate(node.Text, UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            && url.Host.Length > 0
            && url.PathAndQuery == "/"
            && url.Fragment.Length == 0)
        {
            return new(url);
        }

        var found = node.Kind == ConfigKind.String ? ConfigText.QuoteUrl(node.Text) : node.Describe();
        findings.Problem(
            node.Path,
            found,
            "\"\" or http://HOST:PORT",
            "write the proxy's URL without a path, or \"\" for HTTPS_PROXY of the unit");
        return null;
    }

    private static Setting<string>? ReadPath(ConfigNode node, int most, Findings findings)
    {
        if (node.Kind == ConfigKind.String
            && node.Text.StartsWith('/')
            && !node.Text.Any(char.IsControl)
            && Encoding.UTF8.GetByteCount(node.Text) <= most)
        {
            return new(node.Text);
        }

        findings.Problem(node, string.Create(null, $"an absolute path of at most {most} bytes"), "write a path that begins with /");
        return null;
    }

    private static bool IsHost(string text) =>
        text.Length > 0
        && !text.AsSpan().ContainsAnyExcept(HostCharacters)
        && Uri.TryCreate("https://" + text, UriKind.Absolute, out var url)
        && url.Authority == text;
}
