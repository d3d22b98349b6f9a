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
    public static bool MayBeAsked(string uri)
    {
        var end = uri.AsSpan().IndexOfAny('?', '#');
        var path = Origin().Replace(end < 0 ? uri : uri[..end], "");
        var segments = Clean(PercentEncoding.DecodeLeniently(path));
        var first = segments.Count > 1 && Version().IsMatch(segments[0]) ? 1 : 0;
        return segments.Count > first && segments[first] == "swarm";
    }

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
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]*:(?://[^/]*)?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Origin();

    [GeneratedRegex(@"\Av[0-9.]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
