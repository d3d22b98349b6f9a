using System.Text;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>The row that a request goes to, and the first name in its path (decoded) when the row has one.</summary>
internal sealed record EndpointMatch(EngineEndpoint Endpoint, string? Name);

/// <summary>
/// Finds the row of <see cref="EngineEndpoints"/> for a method and a decoded path, as the engine's router does
/// (gorilla/mux 1.8: decoded path, optional version prefix, case-sensitive, first match in order; engine-authz.md 2.4).
/// Paths that the engine would redirect instead (<c>//</c>, dot segments) never come here.
/// </summary>
internal static partial class EndpointRouter
{
    private static readonly Row[] Rows = [.. EngineEndpoints.All.Select(e => new Row(e, Compile(e.Path)))];

    /// <summary>The row, or null when this version does not know the request.</summary>
    public static EndpointMatch? Find(string method, string path)
    {
        var unversioned = WithoutVersion(path);
        foreach (var row in Rows)
        {
            if (row.Endpoint.Method == method && row.Pattern.Match(unversioned) is { Success: true } match)
            {
                return new EndpointMatch(row.Endpoint, match.Groups.Count > 1 ? match.Groups[1].Value : null);
            }
        }

        return null;
    }

    /// <summary><c>/v1.41/info</c> → <c>/info</c>: once, as the engine's <c>/v{version:[0-9.]+}</c>.</summary>
    public static string WithoutVersion(string path) => VersionPrefix().Replace(path, "");

    // {name:.*} → (.+), {id} → ([^/]+). \A and \z: in .NET "$" would also match before a final line feed.
    // Every pattern is matched in linear time, so none needs a time-out, which a busy host could let run out.
    private static Regex Compile(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        var rest = pattern.AsSpan();
        while (rest.IndexOf('{') is var open and >= 0)
        {
            var close = rest.IndexOf('}');
            var variable = rest[open..(close + 1)];
            regex.Append(Regex.Escape(rest[..open].ToString())).Append(variable.Contains(':') ? "(.+)" : "([^/]+)");
            rest = rest[(close + 1)..];
        }

        regex.Append(Regex.Escape(rest.ToString())).Append(@"\z");
        return new Regex(regex.ToString(), RegexOptions.CultureInvariant);
    }

    [GeneratedRegex(@"\A/v[0-9.]+(?=/)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPrefix();

    private sealed record Row(EngineEndpoint Endpoint, Regex Pattern);
}
