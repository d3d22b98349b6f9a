using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// What <c>check-config</c> prints: every problem and every warning with place, finding, legal values and next step, and the
/// effective policy.
/// </summary>
public static class PolicyReport
{
    /// <summary>Writes the report, lines ended by <c>\n</c>.</summary>
    public static void Write(TextWriter output, PolicyLoadResult result)
    {
        WriteAll(output, "problem", result.Problems);
        WriteAll(output, "warning", result.Warnings);
        if (result.Policy is { } policy)
        {
            output.Write("effective policy\n");
            WritePolicy(output, policy);
        }
        else
        {
            output.Write("the policy is invalid: nothing but reads would be allowed\n");
        }
    }

    /// <summary>The problems alone, as for the settings.</summary>
    public static void WriteAll(TextWriter output, string word, IReadOnlyList<PolicyProblem> findings)
    {
        if (findings.Count == 0)
        {
            return;
        }

        output.Write(string.Create(CultureInfo.InvariantCulture, $"{findings.Count} {word}{(findings.Count == 1 ? "" : "s")}\n"));
        foreach (var finding in findings)
        {
            output.Write($"  {finding.Source}: {finding.Path}\n");
            output.Write($"    found: {finding.Found}\n");
            output.Write($"    legal: {finding.Legal}\n");
            output.Write($"    next:  {finding.NextStep}\n");
        }

        output.Write("\n");
    }

    /// <summary>Every key with its value in force; lists have a line for each item.</summary>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Effective(TrustPolicy policy) =>
    [
        Line("source", policy.Source ?? "none"),
        Line("fingerprint", policy.Fingerprint),
        Line("mode", Word(policy.Mode)),
        Line("allow-expired-cached-trust-data", policy.AllowExpiredCachedTrustData ? "true" : "false"),
        Line("freshness", Duration.Format(policy.Freshness)),
        Line("max-stale", Duration.Format(policy.MaxStale)),
        Line("deleted-grace", Duration.Format(policy.DeletedGrace)),
        Line("start-check", Word(policy.StartCheck)),
        Line("running", Word(policy.Running)),
        Line("host-access", Word(policy.HostAccess)),
        new("host-access-for", [.. policy.HostAccessFor.Patterns]),
        Line("builds", Word(policy.Builds)),
        Line("plugins", Word(policy.Plugins)),
        Line("swarm", Word(policy.Swarm)),
        Line("imports", Word(policy.Imports)),
        Line("container-changes", Word(policy.ContainerChanges)),
        new("exceptions", [.. policy.Exceptions.All.Select(e => e.ToString())]),
        new("pins", [.. policy.Pins.All.Select(Describe)]),
        new("trust-servers", [.. policy.TrustServers.All.Select(s => $"{s.Key}: {s.Value.AbsoluteUri.TrimEnd('/')}")]),
        .. SignatureReport.Effective(policy),
    ];

    private static KeyValuePair<string, IReadOnlyList<string>> Line(string name, string value) => new(name, [value]);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static void WritePolicy(TextWriter output, TrustPolicy policy)
    {
        foreach (var (name, values) in Effective(policy))
        {
            var isList = name is "host-access-for" or "exceptions" or "pins" or "trust-servers" or SignatureReport.Name;
            var first = !isList ? values[0] : values.Count == 0 ? "none" : "";
            output.Write($"  {name,-32}{first}".TrimEnd() + "\n");
            foreach (var line in isList ? values : [])
            {
                output.Write($"    {line}\n");
            }
        }
    }

    private static string Describe(RootPin pin)
    {
        var key = pin.Kind == PinKind.CertIds ? "cert-ids" : "root-keys";
        return $"{key} {pin.Pattern}: {string.Join(", ", pin.Ids.Order(StringComparer.Ordinal))}";
    }
}
