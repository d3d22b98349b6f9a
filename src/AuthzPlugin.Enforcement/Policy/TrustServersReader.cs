using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>The <c>trust-servers</c> map: registry host or repository pattern to the base URL of its trust server.</summary>
internal static class TrustServersReader
{
    public static IEnumerable<KeyValuePair<string, Uri>> Read(ConfigNode node, Findings findings)
    {
        var result = new List<KeyValuePair<string, Uri>>();
        foreach (var (pattern, value) in ConfigObject.ReadMap(node, findings) ?? [])
        {
            if (!IsHost(pattern))
            {
                CheckPattern(pattern, node.PathOf(pattern), findings);
            }

            if (ReadServer(value, findings) is { } server)
            {
                result.Add(new(pattern, server));
            }
        }

        return result;
    }

    /// <summary>Whether the text is what the engine would take for a registry host.</summary>
    private static bool IsHost(string text) =>
        ImageReferenceParser.TryParseNamed(text + "/a", out var reference, out _) && reference.Repository.Domain == text;

    private static void CheckPattern(string pattern, string path, Findings findings)
    {
        if (RepositoryPattern.HostIn(pattern) is { } host)
        {
            findings.Problem(
                path,
                $"{ConfigText.Quote(pattern)}, which matches nothing",
                "a registry host or repository pattern",
                $"write \"{host}\"");
            return;
        }

        RepositoryPattern.Check(pattern, wildcardAllowed: true, path, findings);
    }

    private static Uri? ReadServer(ConfigNode node, Findings findings)
    {
        if (node.Kind != ConfigKind.String)
        {
            findings.Problem(node, ServerUrl.Legal, "write the URL in quotes");
            return null;
        }

        if (!ServerUrl.TryParse(node.Text, out var server, out var nextStep))
        {
            findings.Problem(node.Path, ConfigText.QuoteUrl(node.Text), ServerUrl.Legal, nextStep);
        }

        return server;
    }
}
