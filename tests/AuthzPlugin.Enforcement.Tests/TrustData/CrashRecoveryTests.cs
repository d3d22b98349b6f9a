using System.Text;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>Files and version memory that do not belong together, as crashes, backups and a second process leave them.</summary>
public sealed class CrashRecoveryTests
{
    [Fact]
    public async Task A_crash_between_files_and_memory_after_a_key_rotation_does_not_brick_the_repository()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await FastForwardAsync(lab);
        var memory = await File.ReadAllBytesAsync(lab.VersionsFile);
        RotateServerKeys(lab);
        Assert.Equal(2, (await lab.GetAsync()).RootVersion);
        await File.WriteAllBytesAsync(lab.VersionsFile, memory);
        lab.Restart();

        Assert.Equal(2, (await lab.Service.PeekAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None))?.RootVersion);
        Assert.False((await lab.GetAsync()).Stale);

        lab.Repository.Timestamp.Version = 1;
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task Another_process_that_saw_the_key_rotation_first_does_not_brick_this_one()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await FastForwardAsync(lab);
        await using var other = lab.AnotherProcess();
        RotateServerKeys(lab);
        await other.GetAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None);

        Assert.Equal(2, (await lab.GetAsync()).RootVersion);
        lab.Restart();
        Assert.Equal(2, (await lab.GetAsync()).RootVersion);

        lab.Repository.Timestamp.Version = 1;
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task The_floors_stay_down_when_a_process_with_the_old_versions_in_memory_writes_again()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await FastForwardAsync(lab);
        await using var other = lab.AnotherProcess();
        await other.GetAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None);
        RotateServerKeys(lab);
        await lab.GetAsync();
        lab.PublishNext('5');
        await other.GetAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None);
        lab.Restart();

        Assert.Equal('5', (await lab.GetAsync()).Tags.FindTag("1")!.Digest.Hex[0]);
    }

    [Fact]
    public async Task A_cache_file_from_before_a_root_rotation_does_not_brick_the_repository()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var old = await File.ReadAllBytesAsync(lab.MetadataFile);
        lab.Repository.RotateRoot(null);
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllBytesAsync(lab.MetadataFile, old);
        lab.Restart();

        var signed = await lab.GetAsync();

        Assert.Equal(2, signed.RootVersion);
        Assert.False(signed.Stale);
        Assert.Equal('3', signed.Tags.FindTag("1")!.Digest.Hex[0]);
    }

    [Fact]
    public async Task A_cache_file_from_before_a_root_rotation_does_not_help_a_server_that_went_back_as_well()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var old = lab.Server.Publish(lab.Repository);
        await lab.GetAsync();
        var file = await File.ReadAllBytesAsync(lab.MetadataFile);
        lab.Repository.RotateRoot(null);
        lab.PublishNext();
        await lab.GetAsync();
        await File.WriteAllBytesAsync(lab.MetadataFile, file);
        lab.Server.RemoveAll(lab.Repository);
        lab.Server.Serve(lab.Repository, old);
        lab.Restart();

        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Theory]
    [InlineData("a role twice", "\"root\": 1,", "\"root\": 1, \"root\": 2,")]
    [InlineData("a version that is no number", "\"root\": 1,", "\"root\": 1e99,")]
    [InlineData("a version that became another", "\"timestamp\": 1", "\"timestamp\": 7")]
    [InlineData("a lone surrogate", "\"root-keys\": [", "\"root-keys\": [\"\\ud800\",")]
    public async Task A_damaged_version_memory_is_not_believed(string row, string from, string to)
    {
        _ = row;
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var text = await File.ReadAllTextAsync(lab.VersionsFile);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(lab.VersionsFile, text.Replace(from, to, StringComparison.Ordinal));
        lab.Restart();

        Assert.False((await lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task No_changed_byte_on_disk_bricks_a_repository_or_is_believed()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var random = new Random(20260601);
        var (tried, stale) = (0, 0);
        foreach (var path in new[] { lab.MetadataFile, lab.VersionsFile })
        {
            var file = await File.ReadAllBytesAsync(path);
            for (var i = 0; i < 150; i++)
            {
                byte[] changed = [.. file];
                changed[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
                await File.WriteAllBytesAsync(path, changed);
                lab.Restart();
                var known = await lab.Service.PeekAsync(lab.Repository.Repository, lab.Policy, CancellationToken.None);
                Assert.True(known is null || known.Tags.FindTag("1")?.Digest.Hex == TrustDataLab.Digest1, Encoding.Latin1.GetString(changed));
                stale += known is null ? 1 : 0;
                var signed = await lab.GetAsync();
                Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
                Assert.False(signed.Stale);
                tried++;
            }
        }

        Assert.True(stale > 50, $"{stale} of {tried} changes were noticed");
    }

    private static async Task FastForwardAsync(TrustDataLab lab)
    {
        lab.Repository.Timestamp.Version = 1_000_000;
        lab.Repository.Snapshot.Version = 1_000_000;
        lab.Server.Publish(lab.Repository);
        await lab.GetAsync();
    }

    // The way out of a fast-forward attack (TUF 5.3.11): new keys for timestamp and snapshot, and versions that begin anew.
    private static void RotateServerKeys(TrustDataLab lab)
    {
        lab.Repository.Timestamp.Keys = [TestKey.Ecdsa()];
        lab.Repository.Snapshot.Keys = [TestKey.Ecdsa()];
        lab.Repository.Timestamp.Version = 2;
        lab.Repository.Snapshot.Version = 2;
        lab.Repository.RotateRoot(null);
        lab.Server.Publish(lab.Repository);
    }
}
