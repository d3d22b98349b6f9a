using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>
/// The keys of an entry of <c>signature-policies</c>. A new key is a row here (and in docs/configuration.md, which a test compares with
/// these tables).
/// </summary>
internal static class SignatureKeys
{
    private const string Kinds = "\"notary-v1\": true, \"cosign\": { … }, \"keyless\": { … } or \"notation\": { … }";

    public static IReadOnlyList<ConfigKey<SignatureDraft>> Entry { get; } =
    [
        new("require", "\"any\"", ReadRule),
        new("notary-v1", "false", (d, node, f) => d.NotaryV1 = ConfigValue.ReadBoolean(node, f) ?? false),
        new("cosign", "none", ReadCosign),
        new("keyless", "none", ReadKeyless),
        new("notation", "none", NotationKeys.Read),
        new("accept-until", "{}", ReadEnds),
    ];

    public static IReadOnlyList<ConfigKey<CosignDraft>> Cosign { get; } =
    [
        new("keys", "none, must be written", ReadKeys),
        new("threshold", "1", (d, node, f) => d.Threshold = ConfigValue.ReadCount(node, 1, CosignKeyFile.MaxKeys, f)),
        new("annotations", "{}", (d, node, f) => ReadAnnotations(d.Annotations, node, f)),
    ];

    /// <summary>The whole map; entries with problems are left out, and reported.</summary>
    public static IEnumerable<SignaturePolicy> Read(ConfigNode node, Findings findings)
    {
        var result = new List<SignaturePolicy>();
        foreach (var (pattern, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            RepositoryPattern.Check(pattern, wildcardAllowed: true, node.PathOf(pattern), findings);
            var draft = new SignatureDraft { Pattern = pattern };
            ConfigObject.Read(value, Entry, draft, findings, ExplainUnknown);
            CheckEntry(draft, value, findings);
            result.Add(ToPolicy(pattern, draft));
        }

        return result;
    }

    private static SignaturePolicy ToPolicy(string pattern, SignatureDraft draft) => new()
    {
        Pattern = pattern,
        Require = draft.Require ?? EvidenceRule.Any,
        NotaryV1 = draft.NotaryV1,
        Demands = draft.Demands,
        AcceptUntil = draft.AcceptUntil.ToFrozenDictionary(),
    };

    private static void CheckEntry(SignatureDraft draft, ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.Object && !draft.NotaryV1 && draft.Named.Count == 0)
        {
            findings.Problem(node.Path, "no kind of signature", Kinds, "name at least one, or remove the entry");
        }

        foreach (var kind in draft.AcceptUntil.Keys.Where(k => k == EvidenceKind.NotaryV1 ? !draft.NotaryV1 : !draft.Named.Contains(k)))
        {
            findings.Problem(
                node.PathOf("accept-until"),
                $"\"{kind.ToText()}\", which the entry does not accept at all",
                "kinds that the entry names",
                $"remove it, or name {kind.ToText()} beside it");
        }
    }

    private static void ReadRule(SignatureDraft draft, ConfigNode node, Findings findings) =>
        draft.Require = ConfigValue.ReadWord(node, ["any", "all"], findings) switch
        {
            "any" => EvidenceRule.Any,
            "all" => EvidenceRule.All,
            _ => null,
        };

    private static void ReadCosign(SignatureDraft draft, ConfigNode node, Findings findings)
    {
        var cosign = new CosignDraft();
        draft.Named.Add(EvidenceKind.Cosign);
        ConfigObject.Read(node, Cosign, cosign, findings, ExplainUnknown);
        if (node.Kind == ConfigKind.Object && !cosign.HasKeys)
        {
            findings.Problem(node.PathOf("keys"), "no keys", "a list of files", "add \"keys\": [ \"/etc/content-trust/keys/…\" ]");
        }

        if (cosign.Threshold > cosign.Keys.Count && cosign.Keys.Count > 0)
        {
            findings.Problem(
                node.PathOf("threshold"),
                string.Create(CultureInfo.InvariantCulture, $"{cosign.Threshold} of {cosign.Keys.Count} keys"),
                "at most the number of keys",
                "lower it, or name more keys");
        }

        if (cosign.Keys.Count > 0)
        {
            draft.Demands.Add(new CosignPolicy
            {
                Keys = cosign.Keys,
                Threshold = cosign.Threshold ?? 1,
                Annotations = cosign.Annotations.ToFrozenDictionary(StringComparer.Ordinal),
            });
        }
    }

    private static void ReadKeyless(SignatureDraft draft, ConfigNode node, Findings findings)
    {
        draft.Named.Add(EvidenceKind.Keyless);
        if (KeylessKeys.Read(node, findings) is { } demand)
        {
            draft.Demands.Add(demand);
        }
    }

    private static void ReadKeys(CosignDraft draft, ConfigNode node, Findings findings)
    {
        draft.HasKeys = true;
        if (ConfigValue.ReadStrings(node, "files", findings) is not { } items)
        {
            return;
        }

        if (node.Items.Count is 0 or > CosignKeyFile.MaxKeys)
        {
            findings.Problem(
                node.Path,
                string.Create(CultureInfo.InvariantCulture, $"{node.Items.Count} files"),
                string.Create(CultureInfo.InvariantCulture, $"1 to {CosignKeyFile.MaxKeys} files"),
                "name the files of the public keys");
            return;
        }

        foreach (var item in items)
        {
            if (CosignKeyFile.Read(item, findings) is not { } key)
            {
                continue;
            }

            if (draft.Keys.Exists(k => k.Id == key.Id))
            {
                // A threshold counts keys: one key under two names must not look like two.
                findings.Problem(item.Path, "a key that stands in the list already", "each key once", "remove one of them");
                continue;
            }

            draft.Keys.Add(key);
        }
    }

    /// <summary>A map of texts; members that are none are reported and left out.</summary>
    internal static void ReadAnnotations(Dictionary<string, string> annotations, ConfigNode node, Findings findings)
    {
        foreach (var (name, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            if (value.Kind == ConfigKind.String)
            {
                annotations[name] = value.Text;
            }
            else
            {
                findings.Problem(value, "a string", "write it in quotes");
            }
        }
    }

    private static void ReadEnds(SignatureDraft draft, ConfigNode node, Findings findings)
    {
        foreach (var (name, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            var kinds = EvidenceKinds.All.Where(k => k.ToText() == name).ToArray();
            if (kinds.Length == 0)
            {
                findings.Problem(
                    value.Path,
                    $"the unknown kind {ConfigText.Quote(name)}",
                    ConfigText.OneOf(EvidenceKinds.All.Select(k => $"\"{k.ToText()}\"")),
                    "write one of them, or remove it");
            }
            else if (value.Kind == ConfigKind.String
                && DateOnly.TryParseExact(value.Text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last)
                && last < DateOnly.MaxValue)
            {
                draft.AcceptUntil[kinds[0]] = last;
            }
            else
            {
                findings.Problem(value, "a date such as \"2027-03-31\", the last day (UTC)", "write YYYY-MM-DD in quotes");
            }
        }
    }

    private static string? ExplainUnknown(string name) => name switch
    {
        "keys" or "threshold" or "annotations" => $"move \"{name}\" into cosign",
        "trusted-root" or "identities" => $"move \"{name}\" into keyless",
        "trust-policy" or "trust-store" or "crls" or "revocation-hosts" => $"move \"{name}\" into notation",
        "max-signature-age" => "move \"max-signature-age\" into keyless or notation",
        _ => null,
    };
}
