using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>
/// A small model of how the engine reads a request line: <c>url.ParseRequestURI</c>, gorilla/mux 1.8 on the decoded path, <c>url.ParseQuery</c>.
/// It is as lenient as they are. One char stands for one byte.
/// </summary>
internal static class GoServer
{
    private static readonly (string Method, string Path, Regex Regex)[] Routes =
        [.. EngineRoutes.All.SelectMany(r => new[] { "/v(?:[0-9.]+)", "" }.Select(v => (r.Method, r.Path, ToRegex(v, r.Path))))];

    /// <summary>The route that serves the request and the first name in its path; null for 301, 400, 404 and 405.</summary>
    public static (string Route, string? Name)? Route(string method, string uri)
    {
        if (DecodedPath(uri) is not { } path || Clean(path) != path)
        {
            return null;
        }

        foreach (var (routeMethod, routePath, regex) in Routes)
        {
            if (routeMethod == method && regex.Match(path) is { Success: true } match)
            {
                return ($"{method} {routePath}", match.Groups.Count > 1 ? match.Groups[1].Value : null);
            }
        }

        return null;
    }

    /// <summary>All values of each key in order; null when ParseForm answers 400.</summary>
    public static ILookup<string, string>? Query(string uri)
    {
        var raw = uri.Contains('?', StringComparison.Ordinal) ? uri[(uri.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";
        var pairs = new List<(string Key, string Value)>();
        foreach (var part in raw.Split('&').Where(p => p != ""))
        {
            var halves = part.Split('=', 2);
            if (part.Contains(';', StringComparison.Ordinal)
                || Unescape(halves[0].Replace('+', ' ')) is not { } key
                || Unescape(halves.ElementAtOrDefault(1)?.Replace('+', ' ') ?? "") is not { } value)
            {
                return null;
            }

            pairs.Add((key, value));
        }

        return pairs.ToLookup(p => p.Key, p => p.Value, StringComparer.Ordinal);
    }

    private static string? DecodedPath(string uri)
    {
        if (uri.Any(c => c is < ' ' or '\x7f'))
        {
            return null;
        }

        var rest = uri.Split('?', 2)[0];
        var scheme = Regex.Match(rest, @"\A[A-Za-z][A-Za-z0-9+.-]*:");
        rest = rest[scheme.Length..];
        if (scheme.Success && rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            rest = slash < 0 ? "" : rest[slash..];
        }

        return rest.StartsWith('/') ? Unescape(rest) : null;
    }

    private static string? Unescape(string text) =>
        Regex.IsMatch(text, "%(?![0-9A-Fa-f]{2})")
            ? null
            : Regex.Replace(text, "%([0-9A-Fa-f]{2})", m => ((char)Convert.ToInt32(m.Groups[1].Value, 16)).ToString());

    // mux: path.Clean, with a trailing slash kept.
    private static string Clean(string path)
    {
        var kept = new Stack<string>();
        foreach (var segment in path.Split('/').Where(s => s is not ("" or ".")))
        {
            if (segment != "..")
            {
                kept.Push(segment);
            }
            else
            {
                kept.TryPop(out _);
            }
        }

        var clean = "/" + string.Join('/', kept.Reverse());
        return path.EndsWith('/') && clean != "/" ? clean + "/" : clean;
    }

    private static Regex ToRegex(string version, string path) =>
        new(@"\A" + version + Regex.Replace(path, @"\{[a-z]+(?::(\.[*+]))?\}", m => m.Groups[1].Success ? $"({m.Groups[1].Value})" : "([^/]+)") + @"\z");
}
