using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Running;

internal static partial class Log
{
    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "container {ContainerId} runs and would be refused ({Reason}): {Message}")]
    public static partial void RunsRefused(ILogger logger, string containerId, string reason, string message);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Critical, Message = "container {ContainerId} was stopped ({Reason}): {Message}")]
    public static partial void Stopped(ILogger logger, string containerId, string reason, string message);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Critical, Message = "container {ContainerId} could not be stopped: {Problem}")]
    public static partial void NotStopped(ILogger logger, string containerId, string problem);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Warning, Message = "what the engine starts unasked is not seen until it answers again: {Problem}")]
    public static partial void Blind(ILogger logger, string problem);

    [LoggerMessage(EventId = 2105, Level = LogLevel.Information, Message = "watching what the engine starts unasked")]
    public static partial void Watching(ILogger logger);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Critical, Message = "audit record of container {ContainerId} not written: {Problem}")]
    public static partial void NotRecorded(ILogger logger, string containerId, string problem);
}
