using System.CommandLine;
using AuthzPlugin.Commands;
using AuthzPlugin.Hosting;

var root = ContentTrustCommand.For(args);
var parse = root.Parse(args);
if (parse.Errors.Count > 0)
{
    var command = parse.CommandResult.Command;
    var name = command is RootCommand ? "content-trust" : "content-trust " + command.Name;

    // The first word that fits nowhere: what comes after it may only follow from it.
    var problem = parse.UnmatchedTokens is [var unknown, ..]
        ? $"unrecognized command or argument '{unknown}'"
        : parse.Errors[^1].Message.TrimEnd('.');
    await Console.Error.WriteLineAsync($"content-trust: {problem}; see {name} --help").ConfigureAwait(false);
    return ExitCodes.Usage;
}

// The daemon handles its signals itself; the library would end it after two seconds, in the middle of answers.
return await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
