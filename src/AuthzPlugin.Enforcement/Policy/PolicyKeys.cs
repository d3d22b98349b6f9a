using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// The keys of the stanza. A new key is a row here (and in docs/configuration.md, which a test compares with this table).
/// </summary>
internal static class PolicyKeys
{
    public const string Mode = "mode";
    public const string ModeWords = "\"disabled\", \"permissive\" or \"enforced\"";

    private const string Refuse = "refuse";
    private const string Allow = "allow";
    private const string Gate = "gate";

    public static IReadOnlyList<ConfigKey<PolicyDraft>> All { get; } =
    [
        new(Mode, "none, must be written", ReadMode),
        new("trust-pinning", "{}", (d, node, f) => ConfigObject.Read(node, PinningKeys.All, d.Pinning, f, ExplainUnknown)),
        new(
            "allow-expired-cached-trust-data",
            "false",
            (d, node, f) => d.AllowExpired = ConfigValue.ReadBoolean(node, f),
            "allow-expired-trust-cache"),
        new("trust-servers", "{}", (d, node, f) => d.TrustServers.AddRange(TrustServersReader.Read(node, f))),
        new("signature-policies", "{}", (d, node, f) => d.Signatures.AddRange(SignatureKeys.Read(node, f))),
        new(
            "signature-cache",
            "\"1h\"",
            (d, node, f) => d.SignatureCache = ConfigValue.ReadDuration(node, TimeSpan.Zero, TimeSpan.FromDays(7), f)),
        new("freshness", "\"10s\"", (d, node, f) => d.Freshness = ConfigValue.ReadDuration(node, TimeSpan.Zero, TimeSpan.FromDays(1), f)),
        new("max-stale", "\"72h\"", (d, node, f) => d.MaxStale = ConfigValue.ReadDuration(node, TimeSpan.Zero, TimeSpan.FromDays(365), f)),
        new(
            "deleted-grace",
            "\"1h\"",
            (d, node, f) => d.DeletedGrace = ConfigValue.ReadDuration(node, TimeSpan.Zero, TimeSpan.FromDays(30), f)),
        new("start-check", "\"approval\"", ReadStartCheck),
        new("running", "\"report\"", ReadRunning),
        Permitted("host-access", Refuse, (d, value) => d.HostAccess = value),
        new("host-access-for", "[]", (d, node, f) => d.HostAccessFor = ReadRepositories(node, f)),
        Permitted("builds", Refuse, (d, value) => d.Builds = value, Gate),
        new("builds-allow", "[]", ReadBuildsAllow),
        Permitted("local-builds", Refuse, (d, value) => d.LocalBuilds = value),
        Permitted("plugins", Refuse, (d, value) => d.Plugins = value),
        Permitted("swarm", Refuse, (d, value) => d.Swarm = value),
        Permitted("imports", Allow, (d, value) => d.Imports = value),
        Permitted("container-changes", Allow, (d, value) => d.ContainerChanges = value),
        new("exceptions", "[]", (d, node, f) => d.Exceptions = ExceptionsReader.Read(node, f)),
    ];

    /// <summary>The next step for a key that the table of its object does not have.</summary>
    public static string? ExplainUnknown(string name) => name switch
    {
        "content-trust" or "builder" => "write its members directly: the file, or the outer object, is the stanza",
        _ when All.Any(k => k.IsSpelled(name)) => $"move \"{name}\" out of trust-pinning into the stanza",
        _ when PinningKeys.All.Any(k => k.IsSpelled(name)) => $"move \"{name}\" into trust-pinning",
        _ => null,
    };

    /// <summary>The path of a key's value under the spelling that was used.</summary>
    public static string PathIn(ConfigNode stanza, string key)
    {
        var row = All.First(k => k.Name == key);
        return stanza.PathOf(stanza.Members.Select(m => m.Name).FirstOrDefault(row.IsSpelled) ?? key);
    }

    private static void ReadMode(PolicyDraft draft, ConfigNode node, Findings findings) =>
        draft.Mode = ConfigValue.ReadWord(node, ["disabled", "permissive", "enforced"], findings) switch
        {
            "disabled" => EnforcementMode.Disabled,
            "permissive" => EnforcementMode.Permissive,
            "enforced" => EnforcementMode.Enforced,
            _ => null,
        };

    private static void ReadStartCheck(PolicyDraft draft, ConfigNode node, Findings findings) =>
        draft.StartCheck = ConfigValue.ReadWord(node, ["approval", "reverify"], findings) switch
        {
            "approval" => StartCheck.Approval,
            "reverify" => StartCheck.Reverify,
            _ => null,
        };

    private static void ReadRunning(PolicyDraft draft, ConfigNode node, Findings findings) =>
        draft.Running = ConfigValue.ReadWord(node, ["report", "stop"], findings) switch
        {
            "report" => RunningAnswer.Report,
            "stop" => RunningAnswer.Stop,
            _ => null,
        };

    private static void ReadBuildsAllow(PolicyDraft draft, ConfigNode node, Findings findings)
    {
        foreach (var item in ConfigValue.ReadStrings(node, "kinds of builds", findings) ?? [])
        {
            switch (item.Text)
            {
                case "remote":
                    draft.RemoteContexts = true;
                    break;
                case "cache-from":
                    draft.CacheFrom = true;
                    break;
                case "oci-layout":
                    draft.OciLayouts = true;
                    break;
                default:
                    findings.Problem(item.Path, $"\"{Trust.Errors.UntrustedText.Escape(item.Text)}\"", "\"remote\", \"cache-from\" or \"oci-layout\"", "correct or remove it");
                    break;
            }
        }
    }

    private static ConfigKey<PolicyDraft> Permitted(
        string name, string standard, Action<PolicyDraft, PolicyAnswer?> set, params string[] further) =>
        new(name, $"\"{standard}\"", (draft, node, findings) => set(draft, ConfigValue.ReadWord(node, [Refuse, Allow, .. further], findings) switch
        {
            Refuse => PolicyAnswer.Refuse,
            Allow => PolicyAnswer.Allow,
            Gate => PolicyAnswer.Gate,
            _ => null,
        }));

    private static IReadOnlyList<string> ReadRepositories(ConfigNode node, Findings findings)
    {
        var items = ConfigValue.ReadStrings(node, "repository patterns", findings) ?? [];
        foreach (var item in items)
        {
            RepositoryPattern.Check(item.Text, wildcardAllowed: true, item.Path, findings);
        }

        return [.. items.Select(i => i.Text)];
    }
}
