using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
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

    private static void WritePolicy(TextWriter output, TrustPolicy policy)
    {
        WriteLine(output, "source", policy.Source ?? "none");
        WriteLine(output, "fingerprint", policy.Fingerprint);
        WriteLine(output, "mode", policy.Mode.ToString().ToLowerInvariant());
        WriteLine(output, "allow-expired-cached-trust-data", policy.AllowExpiredCachedTrustData ? "true" : "false");
        WriteLine(output, "freshness", Duration.Format(policy.Freshness));
        WriteLine(output, "max-stale", Duration.Format(policy.MaxStale));
        WriteLine(output, "deleted-grace", Duration.Format(policy.DeletedGrace));
        WriteLine(output, "start-check", policy.StartCheck.ToString().ToLowerInvariant());
        WriteLine(output, "running", policy.Running.ToString().ToLowerInvariant());
        WriteAnswer(output, "host-access", policy.HostAccess);
        WriteList(output, "host-access-for", policy.HostAccessFor.Patterns);
        WriteAnswer(output, "builds", policy.Builds);
        WriteAnswer(output, "plugins", policy.Plugins);
        WriteAnswer(output, "swarm", policy.Swarm);
        WriteAnswer(output, "imports", policy.Imports);
        WriteAnswer(output, "container-changes", policy.ContainerChanges);
        WriteList(output, "pins", policy.Pins.All.Select(Describe));
        WriteList(output, "trust servers", policy.TrustServers.All.Select(s => $"{s.Key}: {s.Value.AbsoluteUri.TrimEnd('/')}"));
    }

    private static string Describe(RootPin pin)
    {
        var key = pin.Kind == PinKind.CertIds ? "cert-ids" : "root-keys";
        return $"{key} {pin.Pattern}: {string.Join(", ", pin.Ids.Order(StringComparer.Ordinal))}";
    }

    private static void WriteLine(TextWriter output, string name, string value) => output.Write($"  {name,-32}{value}".TrimEnd() + "\n");

    private static void WriteAnswer(TextWriter output, string name, PolicyAnswer answer) =>
        WriteLine(output, name, answer.ToString().ToLowerInvariant());

    private static void WriteList(TextWriter output, string name, IEnumerable<string> lines)
    {
        var all = lines.ToArray();
        WriteLine(output, name, all.Length == 0 ? "none" : "");
        foreach (var line in all)
        {
            output.Write($"    {line}\n");
        }
    }
}
