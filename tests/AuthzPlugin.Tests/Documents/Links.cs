using System.Text.RegularExpressions;
using AuthzPlugin.Testing;
using AuthzPlugin.Testing.Documents;

namespace AuthzPlugin.Tests.Documents;

/// <summary>What a page points to is there, and what the README quotes is what the program says.</summary>
public sealed partial class Links
{
    [Fact]
    public void Every_link_to_a_file_and_every_anchor_leads_somewhere()
    {
        var links = Document.All.SelectMany(d => d.Prose.SelectMany(l => Link().Matches(l.Text).Select(m => (d.File, l.Line, Target: m.Groups[1].Value)))).ToList();

        Assert.True(links.Count > 30, $"only {links.Count} links were found");
        Assert.All(links.Where(l => !l.Target.Contains("://", StringComparison.Ordinal)), l => Assert.True(Leads(l.File, l.Target), $"{l.File}:{l.Line}: {l.Target} leads nowhere"));
    }

    [Fact]
    public void Every_page_of_docs_is_found_from_another_page()
    {
        var named = Document.All.SelectMany(d => d.Prose.SelectMany(l => Link().Matches(l.Text)).Select(m => (d.File, Target: PathOf(d.File, m.Groups[1].Value)))).ToList();
        var pages = Document.All.Select(d => d.File).Where(f => Page().IsMatch(f));

        Assert.All(pages, page => Assert.True(named.Exists(l => l.Target == page && l.File != page), $"no other page has a link to {page}"));
    }

    [Fact]
    public void Every_message_of_the_README_is_one_that_the_program_says()
    {
        var source = string.Join('\n', Directory.EnumerateFiles(SourceTree.PathOf("src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        source = BrokenLiteral().Replace(source, "");
        var table = SourceTree.Read("README.md").Split("| message | meaning |\n|---|---|\n")[1].Split("\n\n")[0].Split('\n');
        var fragments = table.Select(row => row.Split('`')[1]).SelectMany(m => m.Split('…', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.True(fragments.Count > 12, $"only {fragments.Count} pieces of messages were found");
        Assert.All(fragments, text => Assert.True(source.Contains(text, StringComparison.Ordinal), $"the program does not say: {text}"));
    }

    private static bool Leads(string from, string target)
    {
        var parts = target.Split('#', 2);
        var path = PathOf(from, target);
        var there = File.Exists(SourceTree.PathOf(path)) || Directory.Exists(SourceTree.PathOf(path));
        return there && (parts.Length == 1 || Document.All.Any(d => d.File == path && d.Anchors.Contains(parts[1])));
    }

    private static string PathOf(string from, string target) => target.Split('#')[0] is { Length: > 0 } path
        ? Path.GetRelativePath("/", Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(from)!, path)))
        : from;

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\Adocs/[^/]+\.md\z")]
    private static partial Regex Page();

    // A literal that goes on in the next line.
    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex BrokenLiteral();
}
