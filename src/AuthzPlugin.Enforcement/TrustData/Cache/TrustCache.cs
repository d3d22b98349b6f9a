using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AuthzPlugin.Enforcement.Files;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.TrustData.Cache;

/// <summary>
/// Trust data on disk: <c>metadata/HASH</c> holds the files of a repository, <c>versions/HASH.json</c> its memory, where HASH is
/// the sha256 of its name. What is read here is never believed: it is verified like data from the network. A disk that does not
/// read or write costs speed and the memory across restarts, not answers; it is logged. Safe for threads and processes.
/// </summary>
internal sealed class TrustCache
{
    private readonly string _metadata;
    private readonly string _versions;
    private readonly string _lockFiles;
    private readonly TrustDataOptions _options;
    private readonly FileLocks _locks;
    private readonly CacheEviction _eviction;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Small, and the last line of defence when the disk fails: kept for as long as the process lives.
    private readonly ConcurrentDictionary<RepositoryName, RepositoryMemory> _memories = new();

    public TrustCache(TrustDataOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _metadata = Path.Combine(options.CacheDirectory, "metadata");
        _versions = Path.Combine(options.CacheDirectory, "versions");
        _lockFiles = Path.Combine(options.CacheDirectory, "locks");
        _locks = new FileLocks(_lockFiles, options.FileLockTimeout, time);
        _eviction = new CacheEviction(_metadata, options.CacheBytes, time, logger);
    }

    /// <summary>The files of the repository; none when there are none or they are damaged.</summary>
    public MetadataFiles Files(RepositoryName repository)
    {
        var path = FilesPath(repository);
        var content = Read(path, _options.CacheBytes);
        if (content is null)
        {
            return MetadataFiles.None;
        }

        var files = CacheFile.Read(repository, content);
        if (files is null)
        {
            _logger.CacheFileDamaged(repository.Name, path);
        }

        return files ?? MetadataFiles.None;
    }

    /// <summary>What is remembered of the repository; nothing is kept in memory about those that were never verified.</summary>
    public RepositoryMemory Memory(RepositoryName repository)
    {
        if (_memories.TryGetValue(repository, out var memory))
        {
            return memory;
        }

        memory = ReadMemory(repository);
        return memory.IsKnown ? _memories.GetOrAdd(repository, memory) : memory;
    }

    /// <summary>Keeps verified files and what to remember of them. The files come first: they show their versions themselves.</summary>
    public async Task SaveAsync(
        RepositoryName repository, MetadataFiles files, Func<RepositoryMemory, RepositoryMemory> change, CancellationToken cancellation) =>
        await WriteAsync(repository, files, change, cancellation).ConfigureAwait(false);

    /// <summary>Changes what is remembered of a repository; its files count as used now.</summary>
    public async Task RememberAsync(
        RepositoryName repository, Func<RepositoryMemory, RepositoryMemory> change, CancellationToken cancellation) =>
        await WriteAsync(repository, null, change, cancellation).ConfigureAwait(false);

    /// <summary>Forgets files and versions: the explicit reset. False when there was nothing.</summary>
    /// <exception cref="IOException">The disk does not do it.</exception>
    public async Task<bool> ForgetAsync(RepositoryName repository, CancellationToken cancellation)
    {
        CreateDirectories();
        using var held = await _locks.EnterAsync(Key(repository), cancellation).ConfigureAwait(false);
        var known = _memories.TryRemove(repository, out var memory) && memory.IsKnown;
        return DurableFile.Delete(FilesPath(repository)) | DurableFile.Delete(MemoryPath(repository)) | known;
    }

    /// <summary>Every repository of which something is remembered, by name.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<CachedRepository> List() => !Directory.Exists(_versions) ? [] :
    [
        .. Directory.GetFiles(_versions, "*.json")
            .Select(path => Read(path, RepositoryMemoryFile.MaximumBytes) is { } content ? RepositoryMemoryFile.NameIn(content) : null)
            .OfType<RepositoryName>()
            .Select(Describe)
            .OrderBy(r => r.Repository.Name, StringComparer.Ordinal),
    ];

    /// <summary>Drops the cached files of a repository, not its versions. False when there were none.</summary>
    /// <exception cref="IOException">The disk does not do it.</exception>
    public async Task<bool> PurgeAsync(RepositoryName repository, CancellationToken cancellation)
    {
        CreateDirectories();
        using var held = await _locks.EnterAsync(Key(repository), cancellation).ConfigureAwait(false);
        return DurableFile.Delete(FilesPath(repository));
    }

    private CachedRepository Describe(RepositoryName repository)
    {
        var memory = Memory(repository);
        var files = new FileInfo(FilesPath(repository));
        var newest = memory.Lines.Count > 0 ? memory.Lines[^1] : null;
        return new CachedRepository(
            repository,
            files.Exists ? files.Length : 0,
            memory.CheckedAt,
            memory.MissingSince,
            newest?.RootKeyIds ?? [],
            newest?.Versions.ToDictionary(v => v.Key.Text, v => v.Value, StringComparer.Ordinal) ?? [])
        {
            ExpiresAt = files.Exists ? memory.ExpiresAt : null,
        };
    }

    private async Task WriteAsync(
        RepositoryName repository, MetadataFiles? files, Func<RepositoryMemory, RepositoryMemory> change, CancellationToken cancellation)
    {
        if (_options.ReadOnly)
        {
            _memories[repository] = change(Memory(repository));
            return;
        }

        try
        {
            CreateDirectories();
            using var held = await _locks.EnterAsync(Key(repository), cancellation).ConfigureAwait(false);
            WriteLocked(repository, files, change);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.CacheNotWritten(e, repository.Name, _options.CacheDirectory);
            _memories[repository] = change(Memory(repository));
        }
    }

    private void WriteLocked(RepositoryName repository, MetadataFiles? files, Func<RepositoryMemory, RepositoryMemory> change)
    {
        if (files is not null)
        {
            // Not flushed: they are verified when they are read, and what must not be lost is in the memory.
            var content = CacheFile.Write(repository, files);
            DurableFile.WriteUnflushed(FilesPath(repository), content);
            File.SetLastWriteTimeUtc(FilesPath(repository), _time.GetUtcNow().UtcDateTime);
            _eviction.Wrote(FilesPath(repository), content.Sum(p => (long)p.Length));
        }
        else if (File.Exists(FilesPath(repository)))
        {
            File.SetLastWriteTimeUtc(FilesPath(repository), _time.GetUtcNow().UtcDateTime);
        }

        var memory = change(Memory(repository).Merge(ReadMemory(repository)));
        DurableFile.Write(MemoryPath(repository), RepositoryMemoryFile.Write(repository, memory));
        _memories[repository] = memory;
    }

    private void CreateDirectories()
    {
        foreach (var directory in (string[])[_options.CacheDirectory, _metadata, _versions, _lockFiles])
        {
            DurableFile.CreateDirectory(directory);
        }
    }

    private RepositoryMemory ReadMemory(RepositoryName repository)
    {
        var path = MemoryPath(repository);
        var content = Read(path, RepositoryMemoryFile.MaximumBytes);
        if (content is null)
        {
            return RepositoryMemory.None;
        }

        var memory = RepositoryMemoryFile.Read(repository, content);
        if (memory is null)
        {
            _logger.VersionMemoryDamaged(repository.Name, path);
        }

        return memory ?? RepositoryMemory.None;
    }

    private byte[]? Read(string path, long maximum)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length <= maximum ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.CacheNotRead(e, path);
            return null;
        }
    }

    private string FilesPath(RepositoryName repository) => Path.Combine(_metadata, Key(repository));

    private string MemoryPath(RepositoryName repository) => Path.Combine(_versions, Key(repository) + ".json");

    private static string Key(RepositoryName repository) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository.Name)));
}
