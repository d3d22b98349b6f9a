namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>Reads objects strictly: no unknown key, no key twice, no two spellings of one key.</summary>
internal static class ConfigObject
{
    /// <param name="explain">A better next step for an unknown key than the nearest spelling, or null.</param>
    public static void Read<T>(
        ConfigNode node,
        IReadOnlyList<ConfigKey<T>> keys,
        T target,
        Findings findings,
        Func<string, string?> explain)
    {
        if (!IsObject(node, findings))
        {
            return;
        }

        ReportDuplicates(node, findings);
        var spelled = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in node.Members)
        {
            var key = keys.FirstOrDefault(k => k.IsSpelled(name));
            if (key is null)
            {
                ReportUnknown(node, name, keys.Select(k => k.Name), findings, explain);
                continue;
            }

            CheckSpelling(key.Name, name, value, spelled, findings);
            key.Read(target, value, findings);
        }
    }

    /// <summary>Each name once, in the order of the file; the others are reported. Null when it is no object.</summary>
    public static IReadOnlyList<ConfigMember>? ReadMap(ConfigNode node, Findings findings)
    {
        if (!IsObject(node, findings))
        {
            return null;
        }

        ReportDuplicates(node, findings);
        return [.. node.Members.DistinctBy(m => m.Name)];
    }

    private static bool IsObject(ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.Object)
        {
            return true;
        }

        findings.Problem(node, "an object", "write { … }");
        return false;
    }

    private static void ReportDuplicates(ConfigNode node, Findings findings)
    {
        foreach (var group in node.Members.GroupBy(m => m.Name).Where(g => g.Count() > 1))
        {
            findings.Problem(node.PathOf(group.Key), $"the key {group.Count()} times", "each key once", "remove all but one");
        }
    }

    private static void CheckSpelling(string key, string name, ConfigNode value, Dictionary<string, string> spelled, Findings findings)
    {
        if (name != key)
        {
            findings.Warning(value.Path, $"the old spelling \"{name}\"", $"\"{key}\"", $"rename it to \"{key}\"");
        }

        if (!spelled.TryAdd(key, name) && spelled[key] != name)
        {
            findings.Problem(
                value.Path,
                $"\"{name}\" beside \"{spelled[key]}\", which is the same key",
                "one spelling",
                $"keep \"{key}\" only");
        }
    }

    private static void ReportUnknown(
        ConfigNode node,
        string name,
        IEnumerable<string> keys,
        Findings findings,
        Func<string, string?> explain)
    {
        var known = keys.ToArray();
        var nearest = Spelling.Nearest(name, known);
        var next = explain(name) ?? (nearest is null ? "remove it" : $"did you mean \"{nearest}\"");
        findings.Problem(node.PathOf(name), $"the unknown key {ConfigText.Quote(name)}", ConfigText.OneOf(known), next);
    }
}
