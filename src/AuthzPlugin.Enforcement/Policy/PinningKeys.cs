using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>The keys of <c>trust-pinning</c>.</summary>
internal static class PinningKeys
{
    public static IReadOnlyList<ConfigKey<PinningDraft>> All { get; } =
    [
        new(
            "official-library-images",
            "false",
            (d, node, f) => (d.OfficialImages, d.OfficialPath) = (ConfigValue.ReadBoolean(node, f) ?? false, node.Path),
            "library-images",
            "official-images"),
        new("root-keys", "{}", (d, node, f) => ReadPins(d, node, PinKind.RootKeys, f)),
        new("cert-ids", "{}", (d, node, f) => ReadPins(d, node, PinKind.CertIds, f)),
    ];

    private static void ReadPins(PinningDraft draft, ConfigNode node, PinKind kind, Findings findings)
    {
        foreach (var (pattern, ids) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            var path = node.PathOf(pattern);
            RepositoryPattern.Check(pattern, kind == PinKind.RootKeys, path, findings);
            draft.Add(new RootPin(pattern, kind, ReadIds(ids, findings).ToFrozenSet(StringComparer.Ordinal)), path);
        }
    }

    private static IEnumerable<string> ReadIds(ConfigNode node, Findings findings)
    {
        if (ConfigValue.ReadStrings(node, "ids", findings) is not { } items)
        {
            return [];
        }

        if (node.Items.Count == 0)
        {
            findings.Problem(node.Path, "an empty list", "at least one id", "write the id of a root key, or remove the entry");
        }

        foreach (var item in items.Where(i => !Digest.IsLowerHex(i.Text, Digest.HexLength)))
        {
            findings.Problem(item, "64 lower-case hex digits", ExplainId(item.Text));
        }

        foreach (var twice in items.GroupBy(i => i.Text).Where(g => g.Count() > 1))
        {
            findings.Warning(
                node.Path,
                $"the id {ConfigText.Quote(twice.Key)} {twice.Count()} times",
                "each id once",
                "remove all but one");
        }

        return items.Select(i => i.Text);
    }

    private static string ExplainId(string id)
    {
        const string Prefix = "sha256:";
        if (id.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return $"leave out \"{Prefix}\"";
        }

        return Digest.IsLowerHex(id.Trim().ToLowerInvariant(), Digest.HexLength)
            ? "write it in lower case and without spaces"
            : string.Create(null, $"copy the whole id: this has {id.Length} characters");
    }
}
