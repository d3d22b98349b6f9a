using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// The two reads that are refused: <c>GET /swarm</c> and <c>GET /swarm/unlockkey</c> hand out the tokens with which a node joins.
/// Reads get the engine's leniency, so this looks through everything that the engine looks through and more:
/// whatever could be one of the two is taken for it.
/// </summary>
internal static partial class SwarmSecrets
{
    /// <summary>Whether the target, read by any router, has <c>swarm</c> as the first segment of its path.</summary>
    public static bool MayBeAsked(string uri) => MayHaveWord(uri) && (IsUnderSwarm(Before(uri, "?")) || IsUnderSwarm(Before(uri, "?#")));

    // Without an escape the word can only be there as it is; this is all that most reads cost.
    private static bool MayHaveWord(string uri) => uri.Contains('%', StringComparison.Ordinal) || uri.Contains("swarm", StringComparison.Ordinal);

    private static bool IsUnderSwarm(string target)
    {
        var path = Origin().Replace(target, "");
        var segments = Clean(PercentEncoding.DecodeLeniently(path));
        var first = segments.Count > 1 && Version().IsMatch(segments[0]) ? 1 : 0;
        return segments.Count > first && segments[first] == "swarm";
    }

    // Some readers end a target at "#", others take it for a part of the host or path.
    private static string Before(string uri, string ends) => uri.AsSpan().IndexOfAny(ends) is var end and >= 0 ? uri[..end] : uri;

    // path.Clean of Go, as a list of segments.
    private static List<string> Clean(string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/').Where(s => s is not ("" or ".")))
        {
            if (segment != "..")
            {
                segments.Add(segment);
            }
            else if (segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
        }

        return segments;
    }

    // Go takes any scheme, and "x:/swarm" without a host as well.
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:(?://[^/]*)?", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();

    [GeneratedRegex(@"\Av[0-9.]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
