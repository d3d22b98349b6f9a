using AuthzPlugin.Enforcement.Policy.Json;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>From the bytes of the two files, and of the files of keys that they name, to the policy: the same bytes give the same result.</summary>
internal static class PolicyReader
{
    private const string AllFiles = "policy";

    public static PolicyLoadResult Read(ConfigFile daemonConfig, ConfigFile policyFile)
    {
        var (inDaemon, inFile) = (new Findings(daemonConfig.Path), new Findings(policyFile.Path));
        var stanzas = StanzaSearch.InDaemonConfig(daemonConfig, inDaemon)
            .Select(node => new Stanza(daemonConfig, node, inDaemon))
            .Concat(StanzaSearch.InPolicyFile(policyFile, inFile).Select(node => new Stanza(policyFile, node, inFile)))
            .ToArray();
        var over = new Findings(AllFiles);
        var policies = stanzas.Select(s => s.Read()).ToArray();
        ReportNumber(stanzas, over);
        Findings[] all = [over, inDaemon, inFile];
        if (all.SelectMany(f => f.Problems).Any())
        {
            return Result(all, null, stanzas.Length > 0 || MayHoldStanza(daemonConfig, inDaemon) || !policyFile.IsAbsent);
        }

        if (stanzas.Length == 0)
        {
            WarnOfNone(daemonConfig, policyFile, over);
            return Result(all, TrustPolicy.WithoutStanza, false);
        }

        return Result(all, policies[0], true);
    }

    private static PolicyLoadResult Result(Findings[] all, TrustPolicy? policy, bool stanzaSeen) =>
        new(policy, [.. all.SelectMany(f => f.Problems)], [.. all.SelectMany(f => f.Warnings)], stanzaSeen);

    private static void ReportNumber(Stanza[] stanzas, Findings over)
    {
        if (stanzas.Length > 1)
        {
            over.Problem(
                "content-trust",
                $"{stanzas.Length} policies: {string.Join(" and ", stanzas.Select(s => s.Place))}",
                "exactly one",
                $"keep one ({stanzas[0].File.Path}: builder.content-trust is the recommended place) and remove the others");
        }
    }

    private static void WarnOfNone(ConfigFile daemonConfig, ConfigFile policyFile, Findings over) =>
        over.Warning(
            "content-trust",
            $"no policy in {daemonConfig.Path} and none in {policyFile.Path}: content trust is disabled, every image can run",
            "a content-trust stanza",
            $"add \"builder\": {{ \"content-trust\": {{ \"mode\": … }} }} to {daemonConfig.Path}");

    /// <summary>A daemon.json that cannot be parsed and does not even name trust belongs to somebody who does not use it.</summary>
    private static bool MayHoldStanza(ConfigFile daemonConfig, Findings inDaemon) =>
        inDaemon.Problems.Any(p => p.Path != "$")
        || (inDaemon.Problems.Count > 0 && (daemonConfig.Bytes is not { } bytes || bytes.Span.IndexOf("trust"u8) >= 0));

    private sealed record Stanza(ConfigFile File, ConfigNode Node, Findings Findings)
    {
        public string Place => Node.Path == "$" ? File.Path : $"{File.Path}: {Node.Path}";

        public TrustPolicy? Read()
        {
            if (File.WritableByStrangers)
            {
                Findings.Warning(
                    "$",
                    "a file that others than root can write",
                    "a file that only root can write",
                    $"run chmod go-w {File.Path}");
            }

            var draft = PolicyDraft.Read(Node, Findings);
            return Findings.Problems.Count > 0
                ? null
                : draft.ToPolicy(Place, draft.Fingerprint(File.Bytes!.Value.Span[Node.Bytes]));
        }
    }
}
