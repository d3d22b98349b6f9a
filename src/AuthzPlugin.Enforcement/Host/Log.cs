using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Host;

internal static partial class Log
{
    [LoggerMessage(EventId = 2201, Level = LogLevel.Warning, Message = "this host: {Warning}")]
    public static partial void Warning(ILogger logger, string warning);
}
