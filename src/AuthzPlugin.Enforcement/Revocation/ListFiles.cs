using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Files;
using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Trust.Notation.Revocation;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Revocation;

/// <summary>
/// Downloaded lists on disk, so that a restart does not ask for them all. A file is written whole or not at all, for root alone, and its
/// modification time is when it was downloaded. What is read is as unverified as what the network sends. Safe for concurrent use.
/// </summary>
internal sealed class ListFiles(string? directory, long maxBytes, TimeProvider time, ILogger logger)
{
    private readonly Lock _writing = new();
    private readonly CacheEviction? _eviction = directory is null ? null : new CacheEviction(directory, maxBytes, time, logger);

    /// <summary>A list and when it was downloaded, or null.</summary>
    public (RevocationList List, DateTimeOffset At)? Find(string key)
    {
        if (PathOf(key) is not { } path || !File.Exists(path))
        {
            return null;
        }

        try
        {
            var file = new FileInfo(path);
            if (file.Length <= RevocationList.MaxBytes && RevocationList.TryRead(File.ReadAllBytes(path), out var list))
            {
                return (list, file.LastWriteTimeUtc);
            }

            logger.ListFileDamaged(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.ListFileNotUsed(path, e.Message);
        }

        return null;
    }

    /// <summary>Keeps a verified list; a disk that does not take it is only logged.</summary>
    public void Keep(string key, ReadOnlyMemory<byte> der, DateTimeOffset at)
    {
        if (PathOf(key) is not { } path)
        {
            return;
        }

        lock (_writing)
        {
            try
            {
                DurableFile.CreateDirectory(directory!);
                DurableFile.Write(path, der);
                File.SetLastWriteTimeUtc(path, at.UtcDateTime);
                _eviction!.Wrote(path, der.Length);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                logger.ListFileNotUsed(path, e.Message);
            }
        }
    }

    private string? PathOf(string key) =>
        directory is null ? null : Path.Combine(directory, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}.crl");
}
