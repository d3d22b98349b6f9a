using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Commands;

/// <summary>A command whose <c>--help</c> ends with examples and exit codes. Every command that does something is one (a test looks).</summary>
/// <param name="examples">Whole command lines.</param>
/// <param name="exits">What each exit code means here.</param>
internal sealed class GuidedCommand(
    string name, string description, IReadOnlyList<string> examples, IReadOnlyList<(int Code, string Meaning)> exits)
    : Command(name, description)
{
    /// <summary>Codes of a command that reads settings.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> OfSettings { get; } =
        [(ExitCodes.Usage, "the command line is wrong"), (ExitCodes.BadConfiguration, "the settings have problems")];

    /// <summary>Codes of a command that asks the service.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> OfService { get; } =
    [
        (ExitCodes.Usage, "the command line is wrong"),
        (ExitCodes.Unavailable, "the service does not answer"),
        (ExitCodes.BadConfiguration, "the settings have problems"),
    ];

    public IReadOnlyList<string> Examples { get; } = examples;

    public IReadOnlyList<(int Code, string Meaning)> Exits { get; } = [.. exits.OrderBy(e => e.Code)];

    /// <summary>Makes the help of all commands below end so.</summary>
    public static void Guide(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new Help((HelpAction)help.Action!);
        }
    }

    private sealed class Help(HelpAction usual) : SynchronousCommandLineAction
    {
        /// <summary>Who asks for help need not have the rest of the command line right.</summary>
        public override bool ClearsParseErrors => usual.ClearsParseErrors;

        public override int Invoke(ParseResult parseResult)
        {
            var result = usual.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is not GuidedCommand command)
            {
                output.WriteLine("Every command has its own --help, with an example; content-trust(8) has it all.");
                return result;
            }

            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine("  " + example);
            }

            output.WriteLine();
            output.WriteLine("Exit codes:");
            foreach (var (code, meaning) in command.Exits)
            {
                output.WriteLine($"  {code,-3} {meaning}");
            }

            output.WriteLine();
            if (command.Options.Any(o => o.Hidden))
            {
                output.WriteLine("Every setting (content-trust serve --help) is an option here too, such as --admin-socket PATH.");
            }

            return result;
        }
    }
}
