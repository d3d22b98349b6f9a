using System.CommandLine;

namespace AuthzPlugin.Commands;

/// <summary>The command line: every command there is.</summary>
internal static class ContentTrustCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("content-trust: lets stock Docker Engine run only images that pinned keys signed.")
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
        };
        GuidedCommand.Guide(root);
        return root;
    }
}
