using System.Text;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>What a disk can do to the cache (notary-v1.md 7, lines 49 to 53, 69): it never bricks a repository and never lowers a version.</summary>
public sealed class DamagedCacheTests
{
    private static readonly Dictionary<string, Func<TrustDataLab, byte[], byte[]?>> Tampering = new()
    {
        ["invalid JSON"] = (_, file) => file[..^1],
        ["empty"] = (_, _) => [],
        ["deleted"] = (_, _) => null,
        ["another file"] = (_, _) => Encoding.UTF8.GetBytes("{}"),
        ["bad signature"] = (_, file) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file).Replace("\"sig\":\"", "\"sig\":\"AAAA", StringComparison.Ordinal)),
    };

    public static TheoryData<string, string> Files()
    {
        var rows = new TheoryData<string, string>();
        foreach (var role in new[] { "root", "timestamp", "snapshot", "targets", "targets/releases" })
        {
            foreach (var kind in Tampering.Keys)
            {
                rows.Add(role, kind);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task L049_L050_L051_a_damaged_cached_file_is_replaced_from_the_server(string role, string kind)
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();
        lab.TamperCache(role, file => Tampering[kind](lab, file));

        var signed = await lab.GetAsync();

        Assert.False(signed.Stale);
        Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
        Assert.Equal(before, lab.Disk());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_damaged_cached_file_is_not_believed_while_the_server_is_away(string role, string kind)
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.TamperCache(role, file => Tampering[kind](lab, file));
        var before = lab.Disk();
        await lab.Server.StopAsync();

        Assert.IsType<TransportException>(await lab.FailAsync());
        Assert.Equal(before, lab.Disk());
    }

    [Theory]
    [InlineData("the whole file is garbage", "garbage")]
    [InlineData("the whole file is empty", "")]
    [InlineData("the header names another repository", "{\"format\":1,\"repository\":\"docker.io/library/x\",\"lengths\":{}}\n")]
    [InlineData("a length is negative", "{\"format\":1,\"repository\":\"registry.example.com/team/app\",\"lengths\":{\"root\":-1}}\n")]
    [InlineData("a length is too large", "{\"format\":1,\"repository\":\"registry.example.com/team/app\",\"lengths\":{\"root\":9}}\nabc")]
    [InlineData("L115 a role is a path", "{\"format\":1,\"repository\":\"registry.example.com/team/app\",\"lengths\":{\"../root\":3}}\nabc")]
    [InlineData("a future format", "{\"format\":2,\"repository\":\"registry.example.com/team/app\",\"lengths\":{}}\n")]
    public async Task A_damaged_cache_file_is_replaced_and_older_versions_stay_refused(string name, string content)
    {
        _ = name;
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllTextAsync(lab.MetadataFile, content);
        lab.Restart();
        RollBack(lab);

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(content, await File.ReadAllTextAsync(lab.MetadataFile));

        lab.Repository.Timestamp.Version = 5;
        lab.Repository.Snapshot.Version = 5;
        lab.Repository.Targets.Version = 5;
        lab.Server.Publish(lab.Repository);
        lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False((await lab.GetAsync()).Stale);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("{\"format\":1,\"repository\":\"registry.example.com/team/app\",\"lines\":[{}]}")]
    [InlineData("{\"format\":1,\"repository\":\"registry.example.com/team/app\",\"lines\":[{\"root-keys\":[],\"root-certificates\":[],\"versions\":{\"../x\":1}}]}")]
    public async Task A_damaged_version_memory_leaves_the_versions_of_the_cached_files(string content)
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllTextAsync(lab.VersionsFile, content);
        lab.Restart();
        RollBack(lab);

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task L110_a_server_below_the_cache_is_refused_and_the_cache_is_kept()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        var before = lab.Disk();
        RollBack(lab);

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());
    }

    [Fact]
    public async Task L071_everything_rolled_back_with_good_signatures_is_refused_also_after_a_restart()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        lab.Restart();
        RollBack(lab);

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task An_older_copy_of_the_cache_file_is_not_believed()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var old = await File.ReadAllBytesAsync(lab.MetadataFile);
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllBytesAsync(lab.MetadataFile, old);
        lab.Restart();
        await lab.Server.StopAsync();

        Assert.IsType<TransportException>(await lab.FailAsync());
    }

    [Fact]
    public async Task L053_another_root_of_the_same_version_is_refused_with_a_cache_and_after_its_loss()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();
        var other = TrustDataLab.NewRepository();
        lab.Server.RemoveAll(lab.Repository);
        lab.Server.Publish(other);

        Assert.Equal("RootRotation", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());

        File.Delete(lab.MetadataFile);
        lab.Restart();
        Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task L069_a_damaged_local_root_and_a_damaged_remote_root_are_refused()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.TamperCache("root", _ => []);
        var before = lab.Disk();
        lab.Server.Lies["root"] = new Testing.Notary.Answer.Bytes("[]"u8.ToArray());

        Assert.Equal("Malformed", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());
    }

    [Fact]
    public async Task What_a_crash_left_half_written_does_no_harm_and_goes_away()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var leftover = lab.MetadataFile + ".0123.tmp";
        await File.WriteAllTextAsync(leftover, "half");
        File.SetLastWriteTimeUtc(leftover, lab.Time.GetUtcNow().UtcDateTime.AddHours(-2));
        lab.Restart();
        lab.PublishNext();

        Assert.Equal('3', (await lab.GetAsync()).Tags.FindTag("1")!.Digest.Hex[0]);
        Assert.False(File.Exists(leftover));
    }

    [Fact]
    public async Task A_crash_between_files_and_memory_keeps_the_newer_versions()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var memory = await File.ReadAllBytesAsync(lab.VersionsFile);
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllBytesAsync(lab.VersionsFile, memory);
        lab.Restart();
        RollBack(lab);

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task Forgetting_a_repository_lets_its_publisher_start_anew()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        await lab.GetAsync();
        RollBack(lab);
        await lab.FailAsync();

        Assert.True(await lab.Service.ForgetAsync(lab.Repository.Repository, CancellationToken.None));
        Assert.Equal("", lab.Disk());
        Assert.False((await lab.GetAsync()).Stale);
        Assert.True(await lab.Service.ForgetAsync(lab.Repository.Repository, CancellationToken.None));
        Assert.False(await lab.Service.ForgetAsync(lab.Repository.Repository, CancellationToken.None));
    }

    private static void RollBack(TrustDataLab lab)
    {
        lab.Repository.Targets.Version = 1;
        lab.Repository.Snapshot.Version = 1;
        lab.Repository.Timestamp.Version = 1;
        lab.Server.Publish(lab.Repository);
    }
}
