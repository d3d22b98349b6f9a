using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// Finds the policy in the files. daemon.json is the engine's: it has the last word about other keys, and the duplicates and
/// unknown ones that it accepts are accepted here. But what was meant as the policy and stands where nobody
/// reads it is a problem, because the engine passes over unknown members of <c>builder</c> in silence (engine-authz.md 5).
/// </summary>
internal static class StanzaSearch
{
    private const string Stanza = "content-trust";
    private const string Builder = "builder";
    private const int TypoDistance = 3;
    private const string Place = "\"builder\": { \"content-trust\": { … } }";

    /// <summary>Members of <c>builder</c> that belong to the engine (BuilderConfig, 20.10 to 29).</summary>
    private static readonly string[] EngineMembers = ["gc", "entitlements", "history"];

    /// <summary>Keys of the stanza whose names say where they belong.</summary>
    private static readonly string[] TellingKeys = ["trust-pinning", "trust-servers", "allow-expired-cached-trust-data"];

    /// <summary>Whether a file is the engine's configuration, and not the stanza alone.</summary>
    public static bool IsDaemonConfig(ConfigFile file) =>
        file.Bytes is { } bytes && ConfigJson.TryParse(bytes.Span, out var root, out _)
        && root.Members.Exists(m => m.Name is Builder or Stanza or "authorization-plugins");

    public static IReadOnlyList<ConfigNode> InDaemonConfig(ConfigFile file, Findings findings)
    {
        var root = Parse(file, findings);
        if (root is null or { Kind: ConfigKind.Null })
        {
            return [];
        }

        if (root.Kind != ConfigKind.Object)
        {
            findings.Problem(root, "an object", "write { … }");
            return [];
        }

        var inBuilder = root.Members.Where(m => m.Name == Builder).SelectMany(m => InBuilder(m.Value, findings)).ToArray();
        ReportBuilderTwice(root, inBuilder.Length, findings);
        var atTop = root.Members.Where(m => m.Name == Stanza).Select(m => m.Value).ToArray();
        ReportTwice(inBuilder, findings);
        ReportTwice(atTop, findings);
        foreach (var member in root.Members.Where(m => m.Name is not (Builder or Stanza)))
        {
            CheckTopLevel(member, findings);
        }

        return [.. inBuilder.Take(1), .. atTop.Take(1)];
    }

    public static IReadOnlyList<ConfigNode> InPolicyFile(ConfigFile file, Findings findings)
    {
        if (file.Bytes is { } bytes && ConfigJson.IsBlank(bytes.Span))
        {
            findings.Problem("$", "an empty file", "a policy object", "write the policy, or remove the file");
            return [];
        }

        var root = Parse(file, findings);
        return root is null ? [] : [root];
    }

    private static ConfigNode? Parse(ConfigFile file, Findings findings)
    {
        if (file.Fault is not null)
        {
            findings.Problem("$", file.Fault, "a regular file of at most 1 MiB that root can read", "repair the file, or name another one");
            return null;
        }

        if (file.Bytes is not { } bytes || ConfigJson.IsBlank(bytes.Span))
        {
            return null;
        }

        if (ConfigJson.TryParse(bytes.Span, out var root, out var problem))
        {
            return root;
        }

        findings.Problem("$", problem, "JSON in UTF-8", "repair it there");
        return null;
    }

    private static IEnumerable<ConfigNode> InBuilder(ConfigNode builder, Findings findings)
    {
        if (builder.Kind is not (ConfigKind.Object or ConfigKind.Null))
        {
            findings.Problem(builder, "an object", $"write {Place}");
        }

        foreach (var (name, value) in builder.Members.Where(m => m.Name != Stanza))
        {
            if (!EngineMembers.Contains(name, StringComparer.Ordinal) && IsMeantAsOurs(name))
            {
                ReportTypo(builder.PathOf(name), name, findings);
            }

            ReportMisplaced(value, findings);
        }

        return builder.Members.Where(m => m.Name == Stanza).Select(m => m.Value);
    }

    private static bool IsMeantAsOurs(string name) =>
        Spelling.Resembles(name, Stanza, TypoDistance) || TellingKeys.Any(k => Spelling.Resembles(name, k, 1));

    private static void CheckTopLevel(ConfigMember member, Findings findings)
    {
        if (Spelling.Normalize(member.Name) == Builder)
        {
            findings.Problem(
                member.Value.Path,
                $"the key {ConfigText.Quote(member.Name)}",
                $"\"{Builder}\"",
                $"did you mean \"{Builder}\"");
        }
        else if (IsMeantAsOurs(member.Name))
        {
            ReportTypo(member.Value.Path, member.Name, findings);
        }

        ReportMisplaced(member.Value, findings);
    }

    private static void ReportTypo(string path, string name, Findings findings) =>
        findings.Problem(path, $"the key {ConfigText.Quote(name)}, which nothing reads", Place, $"did you mean \"{Stanza}\"");

    /// <summary>A stanza deeper in the engine's own keys, such as <c>features.content-trust</c>.</summary>
    private static void ReportMisplaced(ConfigNode node, Findings findings)
    {
        foreach (var (name, value) in node.Members)
        {
            if (Spelling.Normalize(name) == Spelling.Normalize(Stanza))
            {
                findings.Problem(value.Path, "a content-trust stanza where nothing reads it", Place, "move it there");
            }
            else
            {
                ReportMisplaced(value, findings);
            }
        }

        foreach (var item in node.Items)
        {
            ReportMisplaced(item, findings);
        }
    }

    private static void ReportTwice(ConfigNode[] nodes, Findings findings)
    {
        if (nodes.Length > 1)
        {
            findings.Problem(nodes[0].Path, $"the key {nodes.Length} times", "each key once", "remove all but one");
        }
    }

    private static void ReportBuilderTwice(ConfigNode root, int stanzas, Findings findings)
    {
        var count = root.Members.Count(m => m.Name == Builder);
        if (count > 1 && stanzas > 0)
        {
            findings.Problem(Builder, $"the key {count} times, with a policy in it", "each key once", "join them");
        }
    }
}
