using System.Globalization;
using System.Text.RegularExpressions;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Tests.Hosting;

/// <summary>One id per log event, and docs/log-events.md has them all with their words.</summary>
public sealed partial class LogEvents
{
    private static readonly IReadOnlyList<LogEvent> Events =
    [
        .. Directory.GetFiles(SourceTree.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(f => Definition().Matches(File.ReadAllText(f)))
            .Select(m => new LogEvent(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value, m.Groups[3].Value))
            .OrderBy(e => e.Id),
    ];

    [Fact]
    public void Every_event_is_seen_by_these_tests()
    {
        var attributes = Directory.GetFiles(SourceTree.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Sum(f => Regex.Count(File.ReadAllText(f), @"\[LoggerMessage\("));
        Assert.True(attributes > 30);
        Assert.Equal(attributes, Events.Count);
    }

    [Fact]
    public void Every_event_has_an_id_of_its_own() =>
        Assert.Empty(Events.GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(g => string.Join(" and ", g)));

    [Fact]
    public void Every_event_stands_in_the_document_with_its_level_and_words_and_no_other() =>
        Assert.Equal(
            Events,
            Row().Matches(SourceTree.Read("docs/log-events.md"))
                .Select(m => new LogEvent(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), m.Groups[2].Value, m.Groups[3].Value)));

    [GeneratedRegex("""LoggerMessage\(\s*(?:EventId = )?(\d+),\s*(?:Level = )?LogLevel\.(\w+),\s*(?:Message = )?"((?:[^"\\]|\\.)*)"\)""")]
    private static partial Regex Definition();

    [GeneratedRegex("""^\| (\d+) \| (\w+) \| `(.*)` \|""", RegexOptions.Multiline)]
    private static partial Regex Row();

    private sealed record LogEvent(int Id, string Level, string Words);
}
