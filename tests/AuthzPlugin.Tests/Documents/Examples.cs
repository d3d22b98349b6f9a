using System.Text.RegularExpressions;
using AuthzPlugin.Testing.Documents;

namespace AuthzPlugin.Tests.Documents;

/// <summary>
/// Every example of the documents is what it says it is. A block's language says how it is checked; a block of another language, or of none, fails.
/// <list type="bullet">
/// <item><c>json</c>: a daemon.json, a stanza, settings, logins or an audit record, told by its members and given to the reader that the program
/// has for it: no problems and no warnings. More words on the fence: <c>warns</c> (a policy that must give a warning), <c>wrong</c> (one that must
/// have a problem), <c>other</c> (JSON of something else, such as what a command prints: only well formed), and a path, where the page says that
/// the block is to be written. <c>&lt;a placeholder&gt;</c> in quotes stands for an id.</item>
/// <item><c>sh</c>: commands that a person types. Those of content-trust are parsed by the program's own command line; scripts of this repository
/// must be there and know their options; units, docker's commands and all other programs must be in the tables of <see cref="Shell"/>.
/// With <c>road</c> they are also run in order, by the lab test <c>Documented</c> and by tests/packaging.sh.</item>
/// <item><c>console</c>: commands behind <c>$ </c>, with what they print; <c>…</c> stands for any text, alone on a line for any lines. They are run here,
/// in a folder that has the files named on the fence (<c>files=PATH,PATH</c>, from the root of the repository), and what they print is compared;
/// those that need a service or an engine carry <c>road</c> (run by the lab) or <c>host</c> (only parsed).</item>
/// <item><c>ini</c>: a part of a unit or of another file of sections, <c>KEY=VALUE</c> a line. <c>yaml</c>: files of other programs; only their shape.</item>
/// <item><c>text</c>: what a program says, or a drawing. No command may hide there.</item>
/// </list>
/// </summary>
public sealed partial class Examples
{
    public static TheoryData<string> Blocks() => [.. Document.All.SelectMany(d => d.Blocks).Select(b => b.ToString())];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task Every_example_is_of_a_known_kind_and_right(string name)
    {
        var block = Document.All.SelectMany(d => d.Blocks).Single(b => b.ToString() == name);
        switch (block.Language)
        {
            case "json":
                await JsonExample.CheckAsync(block);
                break;
            case "sh":
                Shell.Check(block.Text.Split('\n'));
                break;
            case "console":
                await ConsoleExample.CheckAsync(block);
                break;
            case "ini":
                Assert.All(Lines(block), line => Assert.Matches(IniLine(), line));
                break;
            case "yaml":
                Assert.All(Lines(block), line => Assert.Matches(YamlLine(), line));
                break;
            case "text":
                Assert.All(Lines(block), line => Assert.DoesNotMatch(Command(), line));
                break;
            default:
                Assert.Fail($"{block} is of no kind that is checked; see the comment of {nameof(Examples)}");
                break;
        }
    }

    /// <summary>
    /// In a sentence or a table, a command of content-trust is as true as in a block. What the log says, compared with the code by a test of its
    /// own, may begin with the program's name and is no command.
    /// </summary>
    [Fact]
    public void Every_command_in_a_sentence_is_one_that_the_program_knows()
    {
        var commands = Document.All
            .Where(d => d.File != "docs/log-events.md")
            .SelectMany(d => d.Prose.SelectMany(l => Code().Matches(l.Text).Select(m => (Where: $"{d.File}:{l.Line}", Text: m.Groups[1].Value))))
            .Where(c => Shell.IsCommand(c.Text)).ToList();

        Assert.True(commands.Count > 20, $"only {commands.Count} commands were found");
        Assert.All(commands, c => Shell.Check([c.Text], c.Where));
    }

    /// <summary>A reader of examples that takes everything would prove nothing.</summary>
    [Theory]
    [InlineData("an unknown command", "sh", "content-trust chek-config")]
    [InlineData("an unknown option", "sh", "content-trust status --jsn")]
    [InlineData("a missing argument", "sh", "content-trust verify")]
    [InlineData("a command behind another", "sh", "true && content-trust chek-config")]
    [InlineData("an unknown program", "sh", "frobnicate --now")]
    [InlineData("an unknown unit", "sh", "systemctl reload content-tryst")]
    [InlineData("a script that is not there", "sh", "packaging/build-rpm.sh")]
    [InlineData("an option that a script does not know", "sh", "packaging/build-deb.sh --into .")]
    [InlineData("an unknown key", "json", """{ "mode": "enforced", "trust-pining": {} }""")]
    [InlineData("an unknown setting", "json", """{ "audit-flsh": "1s" }""")]
    [InlineData("a warning that is not announced", "json", """{ "mode": "disabled" }""")]
    [InlineData("an audit record without its number", "json", """{ "v": 1, "prev": "", "phase": "request" }""")]
    [InlineData("other output", "console", "$ content-trust --version\n99.0")]
    [InlineData("a command that needs a host", "console", "$ content-trust status\nmode enforced")]
    [InlineData("a hidden command", "text", "content-trust status")]
    [InlineData("no language", "", "content-trust status")]
    public async Task An_example_that_is_wrong_is_found(string what, string language, string text)
    {
        var block = new Block(what, 1, [language], text);
        var check = () => block.Language switch
        {
            "json" => JsonExample.CheckAsync(block),
            "sh" => Task.Run(() => Shell.Check(text.Split('\n'))),
            "console" => ConsoleExample.CheckAsync(block),
            "text" => Task.Run(() => Assert.DoesNotMatch(Command(), text)),
            _ => Task.Run(() => Assert.NotEqual("", block.Language)),
        };

        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(check);
    }

    private static IEnumerable<string> Lines(Block block) => block.Text.Split('\n').Where(l => l.Trim().Length > 0);

    [GeneratedRegex(@"^(\[[\w -]+\]|[#;].*|[\w.-]+ ?=.*)$")]
    private static partial Regex IniLine();

    [GeneratedRegex(@"^(?:  )*(?:#.*|- .*|-|[\w./'""-]+:.*|[^\t]*[^\t:]$)")]
    private static partial Regex YamlLine();

    [GeneratedRegex(@"^\s*(\$ |# )?(content-trust|docker|systemctl|apt|curl|journalctl) \S")]
    private static partial Regex Command();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
