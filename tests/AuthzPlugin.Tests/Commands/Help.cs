using System.CommandLine;
using AuthzPlugin.Commands;
using AuthzPlugin.Hosting;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Tests.Commands;

/// <summary>Every command helps itself: what it does, an example, and its exit codes; and it has <c>--json</c>.</summary>
public sealed class Help
{
    private static readonly RootCommand Root = ContentTrustCommand.Create();

    public static TheoryData<string> Words => [.. Leaves(Root, "").Select(l => l.Words)];

    private static IEnumerable<(string Words, Command Command)> Leaves(Command command, string words) => command.Subcommands.Count == 0
        ? [(words.Trim(), command)]
        : command.Subcommands.SelectMany(c => Leaves(c, $"{words} {c.Name}"));

    private static GuidedCommand Of(string words) => Assert.IsType<GuidedCommand>(Leaves(Root, "").Single(l => l.Words == words).Command);

    private static string HelpOf(string words)
    {
        using var text = new StringWriter();
        var parse = Root.Parse([.. words.Split(' '), "--help"]);
        Assert.Empty(parse.Errors);
        Assert.Equal(0, parse.Invoke(new InvocationConfiguration { Output = text }));
        return text.ToString();
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Help_ends_with_examples_and_exit_codes(string words)
    {
        var command = Of(words);
        var help = HelpOf(words);
        Assert.All(command.Examples, example => Assert.Contains("\n  " + example, help, StringComparison.Ordinal));
        Assert.All(command.Exits, exit => Assert.Contains($"\n  {exit.Code,-3} {exit.Meaning}", help, StringComparison.Ordinal));
        Assert.Equal(command.Exits.Count, command.Exits.DistinctBy(e => e.Code).Count());
        Assert.All([ExitCodes.Ok, ExitCodes.Usage, ExitCodes.BadConfiguration], code => Assert.Contains(command.Exits, e => e.Code == code));
        Assert.True(words == "serve" || !help.Contains("--max-cache-size", StringComparison.Ordinal), "settings hide what the command is about");
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Examples_are_right(string words)
    {
        Assert.NotEmpty(Of(words).Examples);
        Assert.All(Of(words).Examples, example =>
        {
            Assert.StartsWith($"content-trust {words}", example, StringComparison.Ordinal);
            Assert.Empty(Root.Parse(example["content-trust ".Length..]).Errors);
        });
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void There_is_json(string words) => Assert.Equal(words != "serve", Of(words).Options.Any(o => o.Name == "--json"));

    [Fact]
    public void The_man_page_has_every_exit_code_and_every_command()
    {
        var page = SourceTree.Read("docs/man/content-trust.8.in").Replace("\\-", "-", StringComparison.Ordinal);
        var codes = Leaves(Root, "").SelectMany(l => Of(l.Words).Exits).Select(e => e.Code).Distinct();
        Assert.All(codes, code => Assert.Contains($".TP 5\n.B {code}\n", page, StringComparison.Ordinal));
        Assert.All(Leaves(Root, ""), leaf => Assert.Contains(leaf.Words, page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_first_help_names_every_command_and_says_where_more_is()
    {
        using var text = new StringWriter();
        Root.Parse("--help").Invoke(new InvocationConfiguration { Output = text });
        Assert.All(Root.Subcommands, c => Assert.Contains("\n  " + c.Name, text.ToString(), StringComparison.Ordinal));
        Assert.Contains("content-trust(8)", text.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a terminal", false, null, "xterm", true)]
    [InlineData("a pipe or file", true, null, "xterm", false)]
    [InlineData("NO_COLOR", false, "1", "xterm", false)]
    [InlineData("an empty NO_COLOR", false, "", "xterm", true)]
    [InlineData("a terminal without colours", false, null, "dumb", false)]
    [InlineData("no TERM", false, null, null, false)]
    public void Colours_are_for_terminals_that_want_them(string where, bool redirected, string? noColour, string? terminal, bool wanted) =>
        Assert.True(Paint.IsWanted(redirected, noColour, terminal) == wanted, where);
}
