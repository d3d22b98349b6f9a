using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.BuildKit;

internal static partial class Log
{
    [LoggerMessage(EventId = 4021, Level = LogLevel.Debug, Message = "a build call ended: {Problem}")]
    public static partial void CallEnded(ILogger logger, string problem);

    [LoggerMessage(EventId = 4022, Level = LogLevel.Error, Message = "a build call failed inside the gate")]
    public static partial void CallFailed(ILogger logger, Exception fault);

    [LoggerMessage(EventId = 4023, Level = LogLevel.Debug, Message = "a build connection ended: {Problem}")]
    public static partial void BridgeEnded(ILogger logger, string problem);

    [LoggerMessage(EventId = 4024, Level = LogLevel.Information, Message = "build call {Path} of uid {Uid} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string path, uint uid, string reason);
}
