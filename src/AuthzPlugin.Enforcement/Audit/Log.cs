using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Audit;

internal static partial class Log
{
    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "audit log ends at {Head}")]
    public static partial void Head(ILogger logger, AuditHead head);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Critical, Message = "audit log: {Problem}")]
    public static partial void Problem(ILogger logger, string problem);
}
