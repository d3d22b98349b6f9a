using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>Log events of revocation, ids 2501 to 2599.</summary>
internal static partial class RevocationLog
{
    [LoggerMessage(2501, LogLevel.Warning, "whether a certificate was revoked could not be learned: {Problem}")]
    public static partial void NothingLearned(this ILogger logger, string problem);

    [LoggerMessage(2502, LogLevel.Warning, "the downloaded list of revoked certificates in {Path} is damaged and is not used")]
    public static partial void ListFileDamaged(this ILogger logger, string path);

    [LoggerMessage(2503, LogLevel.Error, "the downloaded list of revoked certificates in {Path} cannot be kept or read: {Problem}")]
    public static partial void ListFileNotUsed(this ILogger logger, string path, string problem);
}
