using System.CommandLine;

namespace AuthzPlugin.Commands;

/// <summary>The command line as a whole: every command of <c>content-trust</c>.</summary>
internal static class ContentTrustCommand
{
    public static RootCommand Create() => new("content-trust: lets stock Docker Engine run only images that pinned keys signed.")
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
    };
}
