using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What <c>keyless</c> says, while it is being read.</summary>
internal sealed class KeylessDraft
{
    public SigstoreRoot? Root { get; set; }

    public List<KeylessIdentity> Identities { get; } = [];

    public Dictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);

    public TimeSpan? MaxAge { get; set; }

    /// <summary>The keys that were written, complete or not.</summary>
    public HashSet<string> Written { get; } = new(StringComparer.Ordinal);
}

/// <summary>One of the <c>identities</c>, while it is being read.</summary>
internal sealed class IdentityDraft
{
    public List<TextRule> Issuers { get; } = [];

    public List<TextRule> Subjects { get; } = [];

    /// <summary>How often each was written, right or not.</summary>
    public int IssuerCount { get; set; }

    public int SubjectCount { get; set; }
}

/// <summary>The keys of <c>keyless</c> in an entry of <c>signature-policies</c>, and of each of its identities.</summary>
internal static class KeylessKeys
{
    private const int MaxIdentities = 64;
    private const string Root = "trusted-root";
    private const string Identities = "identities";
    private const string LegalRoot = "the absolute path of a trusted_root.json of sigstore, which only root can write";

    private static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostAge = TimeSpan.FromHours(87600);
    private static readonly PinnedFile RootFile = new("trusted root", LegalRoot, SigstoreRoot.MaxBytes);

    public static IReadOnlyList<ConfigKey<KeylessDraft>> All { get; } =
    [
        new(Root, "none, must be written", ReadRoot),
        new(Identities, "none, must be written", ReadIdentities),
        new("annotations", "{}", (d, node, f) => SignatureKeys.ReadAnnotations(d.Annotations, node, f)),
        new("max-signature-age", "none", (d, node, f) => d.MaxAge = ConfigValue.ReadDuration(node, LeastAge, MostAge, f)),
    ];

    public static IReadOnlyList<ConfigKey<IdentityDraft>> Identity { get; } =
    [
        new("issuer", "none", (d, node, f) => ReadIssuer(d, node, TextRule.TryExact, f)),
        new("issuer-pattern", "none", (d, node, f) => ReadIssuer(d, node, TextRule.TryPattern, f)),
        new("subject", "none", (d, node, f) => ReadSubject(d, node, TextRule.TryExact, f)),
        new("subject-pattern", "none", (d, node, f) => ReadSubject(d, node, TextRule.TryPattern, f)),
    ];

    private delegate bool RuleReader(string text, out TextRule? rule, out string? problem);

    /// <summary>What is asked for, or null with problems reported.</summary>
    public static KeylessPolicy? Read(ConfigNode node, Findings findings)
    {
        var draft = new KeylessDraft();
        ConfigObject.Read(node, All, draft, findings, ExplainUnknown);
        if (node.Kind == ConfigKind.Object && !draft.Written.Contains(Root))
        {
            findings.Problem(node.PathOf(Root), "no trusted root", "a file", "add \"trusted-root\": \"/etc/content-trust/trusted_root.json\"");
        }

        if (node.Kind == ConfigKind.Object && !draft.Written.Contains(Identities))
        {
            findings.Problem(node.PathOf(Identities), "no identities", "a list of objects", "add \"identities\": [ { \"issuer\": \"…\", \"subject\": \"…\" } ]");
        }

        return draft is { Root: { } root, Identities.Count: > 0 }
            ? new KeylessPolicy
            {
                Root = root,
                Identities = draft.Identities,
                Annotations = draft.Annotations.ToFrozenDictionary(StringComparer.Ordinal),
                MaxAge = draft.MaxAge,
            }
            : null;
    }

    private static void ReadRoot(KeylessDraft draft, ConfigNode node, Findings findings)
    {
        draft.Written.Add(Root);
        if (node.Kind != ConfigKind.String)
        {
            findings.Problem(node, LegalRoot, "write a path in quotes");
        }
        else if (RootFile.Read(node, findings) is { } bytes)
        {
            if (SigstoreRoot.TryRead(bytes, out var root, out var problem))
            {
                draft.Root = root;
                return;
            }

            findings.Problem(
                node.Path, $"{ConfigText.Quote(node.Text)}, which {problem}", LegalRoot, "copy the trusted_root.json of your sigstore there");
        }
    }

    private static void ReadIdentities(KeylessDraft draft, ConfigNode node, Findings findings)
    {
        draft.Written.Add(Identities);
        if (node.Kind != ConfigKind.Array || node.Items.Count is 0 or > MaxIdentities)
        {
            findings.Problem(
                node,
                string.Create(CultureInfo.InvariantCulture, $"a list of 1 to {MaxIdentities} objects"),
                "write [ { \"issuer\": \"…\", \"subject\": \"…\" } ]");
            return;
        }

        foreach (var item in node.Items)
        {
            var identity = new IdentityDraft();
            ConfigObject.Read(item, Identity, identity, findings, static _ => null);
            if (item.Kind == ConfigKind.Object)
            {
                CheckOne(item, "issuer", identity.IssuerCount, findings);
                CheckOne(item, "subject", identity.SubjectCount, findings);
            }

            if (identity is { Issuers: [var issuer], Subjects: [var subject] })
            {
                draft.Identities.Add(new KeylessIdentity(issuer, subject));
            }
        }
    }

    private static void CheckOne(ConfigNode item, string what, int count, Findings findings)
    {
        if (count != 1)
        {
            findings.Problem(
                item.Path,
                count == 0 ? $"an identity without {what}" : $"an identity with {what} and {what}-pattern",
                $"one of \"{what}\" and \"{what}-pattern\"",
                count == 0 ? $"say what the {what} of the certificate must be" : "remove one of them");
        }
    }

    private static void ReadIssuer(IdentityDraft draft, ConfigNode node, RuleReader read, Findings findings)
    {
        draft.IssuerCount++;
        ReadRule(draft.Issuers, node, read, findings);
    }

    private static void ReadSubject(IdentityDraft draft, ConfigNode node, RuleReader read, Findings findings)
    {
        draft.SubjectCount++;
        ReadRule(draft.Subjects, node, read, findings);
    }

    private static void ReadRule(List<TextRule> rules, ConfigNode node, RuleReader read, Findings findings)
    {
        if (node.Kind != ConfigKind.String)
        {
            findings.Problem(node, "a string", "write it in quotes");
        }
        else if (read(node.Text, out var rule, out var problem))
        {
            rules.Add(rule!);
        }
        else
        {
            findings.Problem(node.Path, $"{ConfigText.Quote(node.Text)}, which {problem}", "what the certificate must say", "correct it");
        }
    }

    private static string? ExplainUnknown(string name) => name switch
    {
        "issuer" or "subject" or "issuer-pattern" or "subject-pattern" => $"move \"{name}\" into an object of identities",
        "keys" or "threshold" => "one identity is enough, and there are no keys; remove it",
        _ => null,
    };
}
