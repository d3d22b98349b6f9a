using System.Text.Json.Nodes;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>A healthy repository at a healthy server.</summary>
public sealed class StraightPathTests : IAsyncLifetime
{
    private TrustDataLab _lab = null!;

    public async Task InitializeAsync() => _lab = await TrustDataLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task The_first_request_fetches_every_file_once_and_answers_tags_and_digests()
    {
        var signed = await _lab.GetAsync();

        Assert.Equal(["root", "timestamp", "snapshot", "targets", "targets/releases"], _lab.Server.Requests);
        Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
        Assert.Equal("targets", signed.Tags.FindTag("1")?.Role);
        Assert.Equal("targets/releases", signed.Tags.FindTag("2")?.Role);
        Assert.Null(signed.Tags.FindTag("3"));
        Assert.True(Digest.TryFromHex(TrustDataLab.Digest2, out var digest));
        Assert.Equal("2", Assert.Single(signed.Tags.FindDigest(digest)).Tag);
        Assert.Equal(["targets/releases"], signed.Tags.TagRoles("2"));
        Assert.Equal(_lab.Repository.Root.Keys[0].CanonicalId, Assert.Single(signed.RootKeyIds));
        Assert.Equal(1, signed.RootVersion);
        Assert.Equal(_lab.Time.GetUtcNow(), signed.CheckedAt);
        Assert.False(signed.FromCache);
        Assert.False(signed.Stale);
        Assert.Null(signed.ServerProblem);
    }

    [Fact]
    public async Task Every_published_state_can_be_dumped_for_inspection()
    {
        var folder = _lab.Directory.CreateSubdirectory("dump").FullName;
        _lab.Server.DumpFolder = folder;
        _lab.Repository.Targets.Version++;
        _lab.Server.Publish(_lab.Repository);
        _lab.Server.Publish(_lab.Repository);

        var home = Path.Combine(folder, "registry.example.com/team/app");
        Assert.Equal(["0001", "0002"], Directory.GetDirectories(home).Select(Path.GetFileName).Order());
        foreach (var (name, version) in new[] { ("root", 1), ("1.root", 1), ("targets", 2), ("snapshot", 1), ("timestamp", 1), ("targets/releases", 1) })
        {
            var file = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(home, "0001", name + ".json")))!;
            Assert.Equal(version, file["signed"]!["version"]!.GetValue<int>());
        }
    }

    [Fact]
    public async Task A_question_about_another_time_leaves_nothing_behind()
    {
        await _lab.GetAsync();
        var before = _lab.Disk();
        _lab.Options = _lab.Options with { ReadOnly = true };
        _lab.Restart();
        _lab.Time.Advance(TimeSpan.FromHours(1));
        _lab.Repository.Timestamp.Version++;
        _lab.Server.Publish(_lab.Repository);

        Assert.False((await _lab.GetAsync()).FromCache);
        Assert.Equal(before, _lab.Disk());
    }

    [Fact]
    public async Task What_is_kept_is_listed_and_a_purge_keeps_the_versions()
    {
        Assert.Empty(_lab.Service.List());
        _lab.Repository.Timestamp.Version = 7;
        _lab.Server.Publish(_lab.Repository);
        await _lab.GetAsync();

        var kept = Assert.Single(_lab.Service.List());
        Assert.Equal((_lab.Repository.Repository, 7L, true), (kept.Repository, kept.Versions["timestamp"], kept.Bytes > 1000));
        Assert.Equal(_lab.Repository.Root.Keys[0].CanonicalId, Assert.Single(kept.RootKeyIds));

        Assert.True(await _lab.Service.PurgeAsync(_lab.Repository.Repository, CancellationToken.None));
        Assert.False(await _lab.Service.PurgeAsync(_lab.Repository.Repository, CancellationToken.None));
        kept = Assert.Single(_lab.Service.List());
        Assert.Equal((0L, 7L), (kept.Bytes, kept.Versions["timestamp"]));

        _lab.Repository.Timestamp.Version = 6;
        _lab.Server.Publish(_lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await _lab.FailAsync()));
    }

    [Fact]
    public async Task An_unchanged_repository_costs_one_request()
    {
        await _lab.GetAsync();
        _lab.Server.ForgetRequests();

        await _lab.GetAsync();

        Assert.Equal(["timestamp"], _lab.Server.Requests);
    }

    [Fact]
    public async Task A_fresh_answer_costs_no_request_until_freshness_is_over()
    {
        _lab.Change = p => p with { Freshness = TimeSpan.FromSeconds(10) };
        await _lab.GetAsync();
        _lab.Server.ForgetRequests();

        _lab.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True((await _lab.GetAsync()).FromCache);
        Assert.Empty(_lab.Server.Requests);

        _lab.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False((await _lab.GetAsync()).FromCache);
        Assert.Equal(["timestamp"], _lab.Server.Requests);
    }

    [Fact]
    public async Task After_a_change_only_changed_files_are_fetched()
    {
        await _lab.GetAsync();
        _lab.Server.ForgetRequests();

        _lab.PublishNext();
        var signed = await _lab.GetAsync();

        // The simulator signs everything afresh, so releases has new bytes too.
        Assert.Equal(["timestamp", "snapshot", "targets", "targets/releases"], _lab.Server.Requests);
        Assert.Equal(new string('3', 64), signed.Tags.FindTag("1")?.Digest.Hex);
    }

    [Fact]
    public async Task After_a_restart_only_the_timestamp_is_fetched()
    {
        await _lab.GetAsync();
        _lab.Restart();
        _lab.Server.ForgetRequests();

        var signed = await _lab.GetAsync();

        Assert.Equal(["timestamp"], _lab.Server.Requests);
        Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
    }

    [Fact]
    public async Task Files_are_for_the_owner_only()
    {
        await _lab.GetAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_lab.MetadataFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_lab.VersionsFile));
        foreach (var directory in Directory.GetDirectories(_lab.Options.CacheDirectory).Append(_lab.Options.CacheDirectory))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        }
    }
}
