using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData;

/// <summary>Log events of trust data, ids 2401 to 2499.</summary>
internal static partial class TrustDataLog
{
    [LoggerMessage(2401, LogLevel.Warning, "the cached trust data of {Repository} in {Path} is damaged and is not used")]
    public static partial void CacheFileDamaged(this ILogger logger, string repository, string path);

    [LoggerMessage(
        2402,
        LogLevel.Error,
        "the remembered versions of {Repository} in {Path} are damaged; only the cached files protect against older data now")]
    public static partial void VersionMemoryDamaged(this ILogger logger, string repository, string path);

    [LoggerMessage(2403, LogLevel.Error, "the trust data of {Repository} cannot be written to {Directory}; it is kept in memory only")]
    public static partial void CacheNotWritten(this ILogger logger, Exception problem, string repository, string directory);

    [LoggerMessage(2404, LogLevel.Error, "{Path} cannot be read")]
    public static partial void CacheNotRead(this ILogger logger, Exception problem, string path);

    [LoggerMessage(2405, LogLevel.Information, "cached trust data {File} was removed to make room")]
    public static partial void CacheEvicted(this ILogger logger, string file);

    [LoggerMessage(2406, LogLevel.Warning, "the cached trust data of {Repository} does not verify ({Reason}) and is set aside")]
    public static partial void CacheSetAside(this ILogger logger, string repository, string reason);

    [LoggerMessage(2407, LogLevel.Warning, "{Repository}: {Reason}; the next try is in {Seconds} s")]
    public static partial void ServerUnreachable(this ILogger logger, string repository, string reason, double seconds);

    [LoggerMessage(2408, LogLevel.Debug, "{Repository}: {Reason}")]
    public static partial void UpdateRefused(this ILogger logger, string repository, string reason);

    [LoggerMessage(2409, LogLevel.Information, "{Repository}: root version {Version} with another key set or a later version is in force")]
    public static partial void RootChanged(this ILogger logger, string repository, long version);

    [LoggerMessage(2411, LogLevel.Warning, "{Repository}: its trust server has no trust data of it any more")]
    public static partial void TrustDataGone(this ILogger logger, string repository);

    [LoggerMessage(2410, LogLevel.Warning, "{Repository}: delegation {Role} says nothing: {Reason}")]
    public static partial void DelegationDropped(this ILogger logger, string repository, string role, string reason);
}
