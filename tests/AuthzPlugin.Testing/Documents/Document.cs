using System.Text.RegularExpressions;

namespace AuthzPlugin.Testing.Documents;

/// <summary>A page of this repository, and what of it can be checked.</summary>
public sealed partial class Document
{
    private const string Fence = "```";

    private readonly List<Block> _blocks = [];
    private readonly List<(int Line, string Text)> _prose = [];

    private Document(string file) => File = file;

    public string File { get; }

    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>The lines outside of blocks.</summary>
    public IReadOnlyList<(int Line, string Text)> Prose => _prose;

    /// <summary>The anchors of its headings, as the forges make them.</summary>
    public IEnumerable<string> Anchors => Prose
        .Where(l => Heading().IsMatch(l.Text))
        .Select(l => NotInAnchors().Replace(Heading().Replace(l.Text, "").ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>Everything that is written for people: Markdown at the root and below docs, the sources of the man pages, and the example of daemon.json.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        .. Files("", "*.md", SearchOption.TopDirectoryOnly).Concat(Files("docs", "*.md", SearchOption.AllDirectories)).Select(ReadMarkdown),
        .. Files("docs/man", "*.in", SearchOption.TopDirectoryOnly).Select(ReadManPage),
        Whole("daemon.json.example"),
        Whole("config/settings.json"),
    ];

    private static IEnumerable<string> Files(string folder, string pattern, SearchOption depth)
    {
        var root = SourceTree.PathOf("");
        return Directory.EnumerateFiles(SourceTree.PathOf(folder), pattern, depth).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal);
    }

    private static Document ReadMarkdown(string file)
    {
        var result = new Document(file);
        var lines = SourceTree.Read(file).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith(Fence, StringComparison.Ordinal))
            {
                result._prose.Add((i + 1, lines[i]));
                continue;
            }

            var words = lines[i].TrimStart()[Fence.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var end = Array.FindIndex(lines, i + 1, l => l.TrimStart() == Fence);
            if (end < 0)
            {
                throw new InvalidOperationException($"{file}:{i + 1}: this block has no end");
            }

            result._blocks.Add(new Block(file, i + 1, words, string.Join('\n', lines[(i + 1)..end])));
            i = end;
        }

        return result;
    }

    // Without fences there is no room for a language: what begins with a brace is JSON, everything else is commands.
    private static Document ReadManPage(string file)
    {
        var result = new Document(file);
        var lines = SourceTree.Read(file).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] == ".nf")
            {
                var end = Array.IndexOf(lines, ".fi", i);
                var text = string.Join('\n', lines[(i + 1)..end].Where(l => !l.StartsWith('.'))).Replace("\\-", "-", StringComparison.Ordinal);
                result._blocks.Add(new Block(file, i + 1, [text.StartsWith('{') ? "json" : "sh"], text));
            }
        }

        return result;
    }

    private static Document Whole(string file)
    {
        var result = new Document(file);
        result._blocks.Add(new Block(file, 1, ["json"], SourceTree.Read(file)));
        return result;
    }

    [GeneratedRegex("^#+ +")]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();
}
