using System.Text;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Paths are compared by hand; what that must come to is a regular expression, as gorilla/mux makes one of each path.</summary>
public sealed class PathPatternTests
{
    /// <summary>Pieces of which paths are made, those of the table and what could be taken for them.</summary>
    private static readonly string[] Values = ["x", "a/b", "json", "containers", "", "/", "x\n", "a.b:1", "checkpoints", "x/checkpoints/y"];

    public static TheoryData<string> Paths() => [.. EngineEndpoints.All.Select(e => e.Path).Distinct()];

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_path_is_matched_as_its_regular_expression_matches_it(string path)
    {
        var (pattern, expected) = (PathPattern.Parse(path), ToRegex(path));
        foreach (var candidate in EngineEndpoints.All.Select(e => e.Path).Distinct().SelectMany(Filled))
        {
            var match = expected.Match(candidate);
            var wanted = match.Success && match.Groups.Count > 1 ? match.Groups[1].Value : null;
            Assert.True(pattern.IsMatch(candidate, out var name) == match.Success, $"{path} and {candidate}");
            Assert.Equal(wanted, name);
        }
    }

    [Fact]
    public void A_variable_beside_one_that_takes_slashes_is_an_error() =>
        Assert.Throws<ArgumentException>(() => PathPattern.Parse("/{name:.*}/x/{id}"));

    private static IEnumerable<string> Filled(string path) =>
        path.Contains('{', StringComparison.Ordinal) ? Values.Select(v => Variable.Replace(path, v)).Append(path) : [path, path + "/", path + "x", path + "\n"];

    private static readonly Regex Variable = new(@"\{[^}]*\}");

    private static Regex ToRegex(string path)
    {
        var regex = new StringBuilder(@"\A");
        var end = 0;
        foreach (Match variable in Variable.Matches(path))
        {
            regex.Append(Regex.Escape(path[end..variable.Index])).Append(variable.Value.Contains(':', StringComparison.Ordinal) ? "(.+)" : "([^/]+)");
            end = variable.Index + variable.Length;
        }

        return new Regex(regex.Append(Regex.Escape(path[end..])).Append(@"\z").ToString(), RegexOptions.CultureInvariant);
    }
}
