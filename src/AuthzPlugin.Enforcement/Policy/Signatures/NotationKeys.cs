using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>What <c>notation</c> says, while it is being read.</summary>
internal sealed class NotationDraft
{
    public ConfigNode? TrustPolicy { get; set; }

    public ConfigNode? TrustStore { get; set; }

    public ConfigNode? Lists { get; set; }

    public List<RevocationHost> Hosts { get; } = [];

    public TimeSpan? MaxAge { get; set; }

    public Dictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The keys of <c>notation</c> in an entry of <c>signature-policies</c>. A new key is a row here (and in docs/configuration.md, which a test
/// compares with this table).
/// </summary>
internal static class NotationKeys
{
    private const int MaxHosts = 16;

    private static readonly TimeSpan LeastAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan MostAge = TimeSpan.FromHours(87600);

    public static IReadOnlyList<ConfigKey<NotationDraft>> All { get; } =
    [
        new("trust-policy", "none, must be written", (d, node, f) => d.TrustPolicy = ReadPath(node, f)),
        new("trust-store", "none, must be written", (d, node, f) => d.TrustStore = ReadPath(node, f)),
        new("crls", "none", (d, node, f) => d.Lists = ReadPath(node, f)),
        new("revocation-hosts", "none", (d, node, f) => ReadHosts(d.Hosts, node, f)),
        new("max-signature-age", "none", (d, node, f) => d.MaxAge = ConfigValue.ReadDuration(node, LeastAge, MostAge, f)),
        new("annotations", "{}", (d, node, f) => SignatureKeys.ReadAnnotations(d.Annotations, node, f)),
    ];

    public static void Read(SignatureDraft draft, ConfigNode node, Findings findings)
    {
        var notation = new NotationDraft();
        draft.Named.Add(EvidenceKind.Notation);
        ConfigObject.Read(node, All, notation, findings, ExplainUnknown);
        if (node.Kind != ConfigKind.Object)
        {
            return;
        }

        Require(node, "trust-policy", "no trust policy", "add \"trust-policy\": \"/etc/content-trust/notation/trustpolicy.json\"", findings);
        Require(node, "trust-store", "no trust store", "add \"trust-store\": \"/etc/content-trust/notation/truststore\"", findings);
        if (notation is { TrustPolicy: { } file, TrustStore: { } store } && NotationFiles.ReadPolicy(file, findings) is { } policy)
        {
            AddDemand(draft, notation, policy, store, findings);
        }
    }

    private static void AddDemand(SignatureDraft draft, NotationDraft notation, NotationTrustPolicy policy, ConfigNode store, Findings findings)
    {
        var statements = NotationAdvice.Applicable(policy, draft.Pattern);
        NotationAdvice.Give(statements, draft.Pattern, notation, findings);
        var stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>();
        foreach (var name in statements.SelectMany(s => s.Stores).Distinct())
        {
            stores[name] = NotationFiles.ReadStore(store, name, findings);
        }

        draft.Demands.Add(new NotationPolicy
        {
            File = notation.TrustPolicy!.Text,
            TrustPolicy = policy,
            Statements = statements,
            Stores = stores.ToFrozenDictionary(),
            Revocation = notation.Lists is { } lists ? NotationFiles.ReadLists(lists, findings) : null,
            RevocationHosts = notation.Hosts,
            Annotations = notation.Annotations.ToFrozenDictionary(StringComparer.Ordinal),
            MaxAge = notation.MaxAge,
        });
    }

    private static void Require(ConfigNode node, string name, string found, string next, Findings findings)
    {
        if (node.Members.TrueForAll(m => m.Name != name))
        {
            findings.Problem(node.PathOf(name), found, "an absolute path", next);
        }
    }

    private static ConfigNode? ReadPath(ConfigNode node, Findings findings)
    {
        if (node.Kind == ConfigKind.String && node.Text.StartsWith('/') && !node.Text.Contains('\0', StringComparison.Ordinal))
        {
            return node;
        }

        findings.Problem(node, "an absolute path", "write a path that begins with / in quotes");
        return null;
    }

    private static void ReadHosts(List<RevocationHost> hosts, ConfigNode node, Findings findings)
    {
        if (ConfigValue.ReadStrings(node, "hosts", findings) is not { } items)
        {
            return;
        }

        if (node.Items.Count is 0 or > MaxHosts)
        {
            findings.Problem(
                node.Path,
                string.Create(CultureInfo.InvariantCulture, $"{node.Items.Count} hosts"),
                string.Create(CultureInfo.InvariantCulture, $"1 to {MaxHosts} hosts"),
                "name the hosts of the OCSP responders and lists that the certificates name");
            return;
        }

        foreach (var item in items)
        {
            if (!RevocationHost.TryParse(item.Text, out var host))
            {
                findings.Problem(
                    item,
                    "a host in lower case such as \"ocsp.example.com\" or \"ocsp.example.com:8080\"",
                    "write the host without scheme, path and wildcards, and the port only when it is neither 80 nor 443");
            }
            else if (hosts.Contains(host))
            {
                findings.Problem(item.Path, $"{ConfigText.Quote(item.Text)} twice", "each host once", "remove one of them");
            }
            else
            {
                hosts.Add(host);
            }
        }
    }

    private static string? ExplainUnknown(string name) => name switch
    {
        "level" or "trustStores" or "trustedIdentities" or "registryScopes" => $"\"{name}\" belongs into the file that trust-policy names",
        _ => null,
    };
}
