using System.CommandLine;

namespace AuthzPlugin.Commands;

/// <summary>The command line: every command there is.</summary>
internal static class ContentTrustCommand
{
    private const string Description = "content-trust: lets stock Docker Engine run only images that pinned keys signed.";

    /// <summary>What these words can mean: the daemon starts without the other commands, whose options took 11 ms of its start.</summary>
    public static RootCommand For(IReadOnlyList<string> words) =>
        words is [ServeCommand.Name, ..] ? Guided(new RootCommand(Description) { ServeCommand.Create() }) : Create();

    public static RootCommand Create() => Guided(new RootCommand(Description)
    {
        ServeCommand.Create(),
        CheckConfigCommand.Create(),
        VerifyCommand.Create(),
        ExplainCommand.Create(),
        KeysCommand.Create(),
        StatusCommand.Create(),
        ReportCommand.Create(),
        AuditCommand.Create(),
        CacheCommand.Create(),
        BreakGlassCommand.Create(),
        GateCommand.Create(),
        ImportCommand.Create(),
    });

    private static RootCommand Guided(RootCommand root)
    {
        GuidedCommand.Guide(root);
        return root;
    }
}
