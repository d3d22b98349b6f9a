using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>The folder of cached files stays under its limit, whoever writes into it.</summary>
public sealed class CacheEvictionTests : IDisposable
{
    private const int Limit = 1600;
    private const int FileBytes = 100;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eviction-");
    private readonly ManualTimeProvider _time = new();
    private readonly CacheEviction _eviction;

    public CacheEvictionTests() => _eviction = new CacheEviction(_folder.FullName, Limit, _time, NullLogger.Instance);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_least_recently_used_go_and_the_folder_never_passes_its_limit()
    {
        for (var i = 0; i < 100; i++)
        {
            Write($"{i}", at: i);
            Assert.True(Bytes() <= Limit, $"{Bytes()} bytes after file {i}");
        }

        Assert.True(Bytes() > Limit / 2);
        Assert.True(File.Exists(PathOf("99")));
        Assert.False(File.Exists(PathOf("0")));
    }

    [Fact]
    public void A_file_that_is_written_again_and_again_evicts_nothing()
    {
        Write("other", at: 0);
        for (var i = 0; i < 100; i++)
        {
            Write("same", at: i);
        }

        Assert.True(File.Exists(PathOf("other")));
    }

    [Fact]
    public void What_others_write_is_seen_within_the_hour()
    {
        Write("first", at: 0);
        for (var i = 0; i < 50; i++)
        {
            File.WriteAllBytes(PathOf($"other-{i}"), new byte[FileBytes]);
        }

        _time.Advance(TimeSpan.FromMinutes(61));
        Write("second", at: 1000);
        Assert.True(Bytes() <= Limit);
    }

    [Fact]
    public void What_a_crash_left_goes_after_a_while()
    {
        File.WriteAllBytes(PathOf("half.tmp"), new byte[FileBytes]);
        File.SetLastWriteTimeUtc(PathOf("half.tmp"), DateTime.UnixEpoch);
        Write("whole", at: 7200);
        Assert.False(File.Exists(PathOf("half.tmp")));
    }

    private void Write(string name, int at)
    {
        File.WriteAllBytes(PathOf(name), new byte[FileBytes]);
        File.SetLastWriteTimeUtc(PathOf(name), DateTime.UnixEpoch.AddSeconds(at));
        _eviction.Wrote(PathOf(name), FileBytes);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private long Bytes() => _folder.GetFiles().Sum(f => f.Length);
}
