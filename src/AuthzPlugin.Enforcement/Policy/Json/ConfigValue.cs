using System.Globalization;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>Readers of single values. Each reports a problem and answers null when the value is not legal.</summary>
internal static class ConfigValue
{
    public static bool? ReadBoolean(ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.Boolean)
        {
            return node.Text == "true";
        }

        findings.Problem(node, "true or false", node.Text is "true" or "false" ? "write it without quotes" : "write true or false");
        return null;
    }

    /// <summary>One of a few words, exactly.</summary>
    public static string? ReadWord(ConfigNode node, IReadOnlyList<string> words, Findings findings)
    {
        if (node.Kind == ConfigKind.String && words.Contains(node.Text, StringComparer.Ordinal))
        {
            return node.Text;
        }

        var legal = ConfigText.OneOf(words.Select(w => $"\"{w}\""));
        var nearest = node.Kind == ConfigKind.String ? Spelling.Nearest(node.Text, words) : null;
        findings.Problem(node, legal, nearest is null ? "write one of them" : $"did you mean \"{nearest}\"");
        return null;
    }

    public static TimeSpan? ReadDuration(ConfigNode node, TimeSpan least, TimeSpan most, Findings findings)
    {
        TimeSpan? value = node.Kind == ConfigKind.String ? Duration.Parse(node.Text) : null;
        if (value >= least && value <= most)
        {
            return value;
        }

        var legal = $"a duration such as \"90s\" or \"1h30m\" (units h, m, s, ms) from {Duration.Format(least)} to {Duration.Format(most)}";
        findings.Problem(
            node,
            legal,
            value is null ? "write a string of whole numbers, each with its unit" : "choose a value in that range");
        return null;
    }

    public static int? ReadCount(ConfigNode node, int least, int most, Findings findings)
    {
        if (node.Kind == ConfigKind.Number
            && int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= least
            && value <= most)
        {
            return value;
        }

        findings.Problem(
            node,
            string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
            "write a number in that range");
        return null;
    }

    /// <summary>A list of strings; items that are none are reported and left out. Null when it is no list.</summary>
    public static IReadOnlyList<ConfigNode>? ReadStrings(ConfigNode node, string ofWhat, Findings findings)
    {
        if (node.Kind != ConfigKind.Array)
        {
            findings.Problem(node, $"a list of {ofWhat}", "write [ \"…\" ]");
            return null;
        }

        foreach (var item in node.Items.Where(i => i.Kind != ConfigKind.String))
        {
            findings.Problem(item, "a string", "write it in quotes");
        }

        return [.. node.Items.Where(i => i.Kind == ConfigKind.String)];
    }
}
