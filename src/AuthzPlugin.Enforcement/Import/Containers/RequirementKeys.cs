using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>The members that a requirement of containers-policy.json(5) may have.</summary>
internal static class RequirementKeys
{
    private const string RemoveIt = "remove it there, or update content-trust";

    private static readonly IReadOnlyList<string> Types = ["insecureAcceptAnything", "reject", "signedBy", "signedBaseLayer", "sigstoreSigned"];

    private static readonly IReadOnlyList<string> Identities =
        ["matchExact", "matchRepoDigestOrExact", "matchRepository", "exactReference", "exactRepository", "remapIdentity"];

    private static readonly IReadOnlyList<ConfigKey<Requirement>> All =
    [
        new("type", "", ReadType),
        new("keyType", "", (_, node, f) => ConfigValue.ReadWord(node, ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs"], f)),
        new("keyPath", "", (r, node, f) => AddKey(r, r.KeyPaths, node, f)),
        new("keyPaths", "", (r, node, f) => AddKeys(r, r.KeyPaths, node, f)),
        new("keyData", "", (r, node, f) => AddKey(r, r.KeyData, node, f)),
        new("keyDatas", "", (r, node, f) => AddKeys(r, r.KeyData, node, f)),
        new("fulcio", "", ReadFulcio),
        new("pki", "", ReadPki),
        new("rekorPublicKeyPath", "", ReadRekor),
        new("rekorPublicKeyPaths", "", ReadRekor),
        new("rekorPublicKeyData", "", ReadRekor),
        new("rekorPublicKeyDatas", "", ReadRekor),
        new("baseLayerIdentity", "", (_, node, f) => Text(node, f)),
        new("signedIdentity", "", ReadIdentity),
    ];

    private static readonly IReadOnlyList<ConfigKey<Fulcio>> OfFulcio =
    [
        new("caPath", "", (d, node, f) => d.Ca = Text(node, f)),
        new("caData", "", (d, node, f) => d.Ca = Text(node, f)),
        new("oidcIssuer", "", (d, node, f) => d.Issuer = Text(node, f)),
        new("subjectEmail", "", (d, node, f) => d.Email = Text(node, f)),
    ];

    private static readonly IReadOnlyList<ConfigKey<Requirement>> OfIdentity =
    [
        new("type", "", (r, node, f) => r.Identity = ConfigValue.ReadWord(node, Identities, f) ?? r.Identity),
        new("dockerReference", "", (_, node, f) => Text(node, f)),
        new("dockerRepository", "", (_, node, f) => Text(node, f)),
        new("prefix", "", (_, node, f) => Text(node, f)),
        new("signedPrefix", "", (_, node, f) => Text(node, f)),
    ];

    /// <summary>The requirements of a scope, all of which must be met; what is wrong is reported.</summary>
    public static IReadOnlyList<Requirement> Read(ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.Array || node.Items.Count == 0)
        {
            findings.Problem(node.Path, node.Kind == ConfigKind.Array ? "an empty list" : node.Describe(), "a list of requirements", "repair it there");
            return [];
        }

        return [.. node.Items.Select(item => ReadOne(item, findings))];
    }

    private static Requirement ReadOne(ConfigNode node, Findings findings)
    {
        var result = new Requirement(node.Path);
        ConfigObject.Read(node, All, result, findings, _ => RemoveIt);
        if (node.Kind == ConfigKind.Object && result.Word.Length == 0 && !node.Members.Exists(m => m.Name == "type"))
        {
            findings.Problem(node.PathOf("type"), "no type", ConfigText.OneOf(Types), "write one of them");
        }

        if (result.Kind is RequirementKind.Accept or RequirementKind.Reject && node.Members.Count > 1)
        {
            findings.Problem(node.Path, $"\"{result.Word}\" with other members", "\"type\" alone", "remove the others, or correct the type");
        }

        if (result is { Kind: RequirementKind.Sigstore, KeySources: not 1 })
        {
            findings.Problem(
                node.Path,
                result.KeySources == 0 ? "no keys" : "keys in several members",
                "exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki",
                "repair it there");
        }

        return result;
    }

    private static void ReadType(Requirement target, ConfigNode node, Findings findings)
    {
        target.Word = ConfigValue.ReadWord(node, Types, findings) ?? "";
        target.Kind = target.Word switch
        {
            "insecureAcceptAnything" => RequirementKind.Accept,
            "reject" => RequirementKind.Reject,
            "sigstoreSigned" => RequirementKind.Sigstore,
            "" => null,
            _ => RequirementKind.Foreign,
        };
    }

    private static void AddKey(Requirement target, List<string> keys, ConfigNode node, Findings findings)
    {
        target.KeySources++;
        if (Text(node, findings) is { } text)
        {
            keys.Add(text);
        }
    }

    private static void AddKeys(Requirement target, List<string> keys, ConfigNode node, Findings findings)
    {
        target.KeySources++;
        var items = ConfigValue.ReadStrings(node, "keys", findings) ?? [];
        if (node is { Kind: ConfigKind.Array, Items.Count: 0 })
        {
            findings.Problem(node.Path, "an empty list", "at least one key", "name one");
        }

        keys.AddRange(items.Select(i => i.Text));
    }

    private static void ReadFulcio(Requirement target, ConfigNode node, Findings findings)
    {
        target.KeySources++;
        var fulcio = target.Fulcio = new Fulcio();
        ConfigObject.Read(node, OfFulcio, fulcio, findings, _ => RemoveIt);
        if (node.Kind == ConfigKind.Object && (fulcio.Ca is null || string.IsNullOrEmpty(fulcio.Issuer) || string.IsNullOrEmpty(fulcio.Email)))
        {
            findings.Problem(node.Path, "less than it needs", "caPath or caData, oidcIssuer and subjectEmail", "repair it there");
        }
    }

    private static void ReadPki(Requirement target, ConfigNode node, Findings findings)
    {
        target.KeySources++;
        target.Pki = true;
        _ = ConfigObject.ReadMap(node, findings);
    }

    private static void ReadRekor(Requirement target, ConfigNode node, Findings findings)
    {
        target.Rekor = node.Path[(node.Path.LastIndexOf('.') + 1)..];
        if (node.Kind is not (ConfigKind.String or ConfigKind.Array))
        {
            findings.Problem(node, "a string or a list of strings", "repair it there");
        }
    }

    private static void ReadIdentity(Requirement target, ConfigNode node, Findings findings) =>
        ConfigObject.Read(node, OfIdentity, target, findings, _ => RemoveIt);

    private static string? Text(ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String)
        {
            return node.Text;
        }

        findings.Problem(node, "a string", "write it in quotes");
        return null;
    }
}
