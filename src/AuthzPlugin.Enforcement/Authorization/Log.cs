using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Authorization;

internal static partial class Log
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "denied ({Reason}): {Message}")]
    public static partial void Denied(ILogger logger, string reason, string message);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "would deny ({Reason}): {Message}")]
    public static partial void WouldDeny(ILogger logger, string reason, string message);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "a decision failed inside this program; the request was refused")]
    public static partial void Fault(ILogger logger, Exception error);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Critical, Message = "audit record not written: {Problem}")]
    public static partial void AuditNotWritten(ILogger logger, string problem);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Critical, Message = "container {ContainerId} was created from another image than was decided; it was removed")]
    public static partial void Swapped(ILogger logger, string containerId);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Critical, Message = "container {ContainerId} started under a name that meant another container; it was killed")]
    public static partial void KilledAfterRename(ILogger logger, string containerId);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Error, Message = "build of image {ImageId} could not be remembered, so it does not start under local-builds: {Problem}")]
    public static partial void BuildNotRemembered(ILogger logger, string imageId, string problem);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Error, Message = "approval of container {ContainerId} could not be written, so its start will be decided afresh: {Problem}")]
    public static partial void ApprovalNotWritten(ILogger logger, string containerId, string problem);
}
