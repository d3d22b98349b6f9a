using System.Collections.Frozen;
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
    private static readonly FrozenDictionary<string, Row[]> RowsByMethod = EngineEndpoints.All
        .GroupBy(e => e.Method, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.Select(e => new Row(e, PathPattern.Parse(e.Path))).ToArray(), StringComparer.Ordinal);

    /// <summary>The row, or null when this version does not know the request.</summary>
    public static EndpointMatch? Find(string method, string path)
    {
        if (!RowsByMethod.TryGetValue(method, out var rows))
        {
            return null;
        }

        var unversioned = WithoutVersion(path);
        foreach (var row in rows)
        {
            if (row.Pattern.IsMatch(unversioned, out var name))
            {
                return new EndpointMatch(row.Endpoint, name);
            }
        }

        return null;
    }

    /// <summary><c>/v1.41/info</c> → <c>/info</c>: once, as the engine's <c>/v{version:[0-9.]+}</c>.</summary>
    public static string WithoutVersion(string path) => VersionPrefix().Replace(path, "");

    [GeneratedRegex(@"\A/v[0-9.]+(?=/)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPrefix();

    private sealed record Row(EngineEndpoint Endpoint, PathPattern Pattern);
}
