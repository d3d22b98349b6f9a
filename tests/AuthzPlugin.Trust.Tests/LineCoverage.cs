using System.Globalization;
using System.Text.RegularExpressions;
using AuthzPlugin.Testing;
using Xunit.Abstractions;

namespace AuthzPlugin.Trust.Tests;

/// <summary>
/// The research (notary-v1.md, section 7) lists 119 edge cases and attacks. Each is in the name of a test or of a row (<c>L042</c>), or
/// a decision record says why it cannot apply here.
/// </summary>
public sealed partial class LineCoverage(ITestOutputHelper output)
{
    private const int Lines = 119;

    /// <summary>Line → the record that names it.</summary>
    private static readonly Dictionary<int, string> Exceptions = new()
    {
        [96] = "docs/adr/0004-our-own-notary-client.md",
    };

    [Fact]
    public void Every_line_of_the_research_has_a_test_or_a_record_that_says_why_not()
    {
        var tested = TestFiles().SelectMany(NumbersIn).ToHashSet();
        var missing = Enumerable.Range(1, Lines).Where(n => !tested.Contains(n) && !Exceptions.ContainsKey(n)).ToArray();

        output.WriteLine(
            $"figure: lines 1-{Lines} covered {Lines - missing.Length}/{Lines}"
                + $" ({tested.Count} by named tests, {Exceptions.Count} excepted by a decision record)");
        Assert.True(missing.Length == 0, "no test names line " + string.Join(", ", missing));
        Assert.All(tested, n => Assert.InRange(n, 1, Lines));
        Assert.All(Exceptions, e => Assert.False(tested.Contains(e.Key), $"line {e.Key} has a test and needs no exception"));
    }

    [Fact]
    public void Every_exception_stands_in_its_record() =>
        Assert.All(Exceptions, e => Assert.Matches($@"\b[Ll]ines? {e.Key}\b", SourceTree.Read(e.Value)));

    private static IEnumerable<string> TestFiles() =>
        Directory.EnumerateFiles(SourceTree.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Where(f => f.EndsWith("Tests.cs", StringComparison.Ordinal) || File.ReadAllText(f).Contains("[Fact]", StringComparison.Ordinal));

    // Comments do not count: only what a test run shows.
    private static IEnumerable<int> NumbersIn(string file) =>
        File.ReadLines(file)
            .Select(l => l.Trim())
            .Where(l => !l.StartsWith("//", StringComparison.Ordinal))
            .SelectMany(l => Number().Matches(l))
            .Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(?<![A-Za-z0-9])L([0-9]{3})(?![0-9])")]
    private static partial Regex Number();
}
