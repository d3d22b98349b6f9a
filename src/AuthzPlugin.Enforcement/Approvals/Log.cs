using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Approvals;

internal static partial class Log
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "state file {File} is damaged and was set aside; what it said is not believed")]
    public static partial void StateFileDamaged(ILogger logger, string file);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "removed {Count} approvals of containers that no longer exist")]
    public static partial void ApprovalsRemoved(ILogger logger, int count);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "could not write the record of verified image {ImageId}: {Problem}")]
    public static partial void VerifiedImageNotWritten(ILogger logger, string imageId, string problem);
}
