using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Gate.Proxy;

internal static partial class Log
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Debug, Message = "a connection of the gate ended: {Problem}")]
    public static partial void ConnectionEnded(ILogger logger, string problem);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "the gate refused a request of uid {Uid}: it {Problem}")]
    public static partial void Malformed(ILogger logger, uint uid, string problem);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "the gate refused a request of uid {Uid}: {Reason}")]
    public static partial void Refused(ILogger logger, uint uid, string reason);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Error, Message = "an exchange of the gate failed inside this program; its connection was closed")]
    public static partial void Fault(ILogger logger, Exception error);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Error, Message = "the gate cannot accept connections: {Problem}")]
    public static partial void NotAccepted(ILogger logger, string problem);
}
