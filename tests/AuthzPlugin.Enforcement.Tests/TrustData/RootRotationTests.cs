using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>New roots (notary-v1.md 7, lines 52, 70, 72 to 83) and pins that change (89 to 92, 97, 100), over the network and with a cache.</summary>
public sealed class RootRotationTests
{
    private const string Name = "registry.example.com/team/app";

    [Fact]
    public async Task L073_a_root_signed_by_old_and_new_key_is_followed_when_both_are_pinned()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var key = TestKey.Certificate(Name);
        lab.Pin = PinBoth(lab, key);
        await lab.GetAsync();

        lab.Repository.RotateRoot(key);
        PublishNews(lab);
        var signed = await lab.GetAsync();

        Assert.Equal(2, signed.RootVersion);
        Assert.Equal(key.CanonicalId, Assert.Single(signed.RootKeyIds));
        lab.Restart();
        await lab.Server.StopAsync();
        Assert.Equal(2, (await lab.GetAsync()).RootVersion);
    }

    [Theory]
    [InlineData("L073 by the new key only", true)]
    [InlineData("L073 by the old key only", false)]
    public async Task A_root_signed_by_one_of_old_and_new_key_is_refused(string row, bool byNewKey)
    {
        await using var lab = await TrustDataLab.StartAsync();
        var (old, key) = (lab.Repository.Root.Keys[0], TestKey.Certificate(Name));
        lab.Pin = PinBoth(lab, key);
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Repository.Root.SignWith = [byNewKey ? key : old];
        lab.Repository.RotateRoot(key);
        PublishNews(lab);

        _ = row;
        Assert.Equal(byNewKey ? "RootRotation" : "SignatureThreshold", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());
    }

    [Fact]
    public async Task L075_a_new_timestamp_key_is_followed_although_the_cached_root_does_not_know_it()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.Server.ForgetRequests();

        lab.Repository.Timestamp.Keys = [TestKey.Ecdsa()];
        lab.Repository.RotateRoot(null);
        PublishNews(lab);
        var signed = await lab.GetAsync();

        Assert.Equal(2, signed.RootVersion);
        Assert.False(signed.Stale);
        Assert.Equal(["timestamp", "root", "timestamp", "snapshot", "targets", "targets/releases"], lab.Server.Requests);
    }

    [Theory]
    [InlineData("timestamp")]
    [InlineData("snapshot")]
    [InlineData("targets")]
    public async Task L070_a_key_that_is_new_in_the_root_but_did_not_sign_is_refused(string role)
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();
        var changed = Damage.RoleOf(lab.Repository, role);
        changed.SignWith = [.. changed.Keys];
        changed.Keys = [TestKey.Ecdsa()];
        lab.Repository.RotateRoot(null);
        PublishNews(lab);

        Assert.Equal("SignatureThreshold", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());
    }

    [Fact]
    public async Task L075_the_floors_of_timestamp_and_snapshot_fall_with_their_keys()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Repository.Timestamp.Version = 1_000_000;
        lab.Repository.Snapshot.Version = 1_000_000;
        lab.Server.Publish(lab.Repository);
        await lab.GetAsync();

        lab.Repository.Timestamp.Keys = [TestKey.Ecdsa()];
        lab.Repository.Snapshot.Keys = [TestKey.Ecdsa()];
        lab.Repository.Timestamp.Version = 2;
        lab.Repository.Snapshot.Version = 2;
        lab.Repository.RotateRoot(null);
        lab.Server.Publish(lab.Repository);

        Assert.Equal(2, (await lab.GetAsync()).RootVersion);
        lab.Restart();
        Assert.False((await lab.GetAsync()).Stale);

        lab.Repository.Timestamp.Version = 1;
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    private static readonly Dictionary<string, (Action<TrustDataLab> Change, string Result)> Chains = new()
    {
        ["L076 from 1 to 4 with every root between"] = (_ => { }, "4"),
        ["L077 root 2 is missing"] = (lab => lab.Server.Remove(lab.Repository, "2.root"), "RootRotation"),
        ["L077 root 3 answers 503"] = (lab => lab.Server.Lies["3.root"] = new Answer.Status(503), "stale"),
        ["L078 root 3 in the place of 2"] = (lab => Swap(lab, "2.root", 3), "RootRotation"),
        ["L079 root 1 in the place of 2"] = (lab => Swap(lab, "2.root", 1), "Rollback"),
        ["L083 root 4 in the place of 3"] = (lab => Swap(lab, "3.root", 4), "RootRotation"),
        ["an endless root between"] = (lab => lab.Server.Lies["2.root"] = new Answer.Endless(), "TooLarge"),
    };

    public static TheoryData<string> ChainRows() => [.. Chains.Keys];

    [Theory]
    [MemberData(nameof(ChainRows))]
    public async Task A_chain_of_roots(string row)
    {
        var (change, result) = Chains[row];
        await using var lab = await TrustDataLab.StartAsync();
        TestKey[] keys = [.. Enumerable.Range(0, 3).Select(_ => TestKey.Certificate(Name))];
        lab.Pin = PinBoth(lab, keys);
        await lab.GetAsync();
        var before = lab.Disk();
        foreach (var key in keys)
        {
            lab.Repository.RotateRoot(key);
        }

        PublishNews(lab);
        change(lab);

        if (result is "4" or "stale")
        {
            var signed = await lab.GetAsync();
            Assert.Equal(result == "stale", signed.Stale);
            Assert.Equal(result == "stale" ? 1 : 4, signed.RootVersion);
        }
        else
        {
            Assert.Equal(result, AvailabilityTests.FaultOf(await lab.FailAsync()));
            Assert.Equal(before, lab.Disk());
        }
    }

    [Fact]
    public async Task L081_an_expired_root_between_is_followed_and_an_expired_newest_is_refused()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.Repository.Root.Expires = lab.Repository.Now.AddDays(-1);
        lab.Repository.RotateRoot(null);
        PublishNews(lab);
        Assert.Equal("Expired", AvailabilityTests.FaultOf(await lab.FailAsync()));

        lab.Repository.Root.Expires = lab.Repository.Now.AddYears(1);
        lab.Repository.RotateRoot(null);
        PublishNews(lab);
        lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(3, (await lab.GetAsync()).RootVersion);
    }

    [Fact]
    public async Task L052_an_expired_cached_root_is_replaced_by_its_successor()
    {
        var repository = TrustDataLab.NewRepository();
        repository.Root.Expires = repository.Now.AddDays(1);
        await using var lab = await TrustDataLab.StartAsync(repository);
        await lab.GetAsync();
        lab.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("Expired", AvailabilityTests.FaultOf(await lab.FailAsync()));

        repository.Root.Expires = repository.Now.AddYears(1);
        repository.RotateRoot(null);
        PublishNews(lab);
        lab.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(2, (await lab.GetAsync()).RootVersion);
    }

    [Fact]
    public async Task L072_a_server_with_an_older_root_is_refused()
    {
        await using var lab = await TrustDataLab.StartAsync();
        var first = lab.Server.Publish(lab.Repository);
        lab.Repository.RotateRoot(null);
        PublishNews(lab);
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Server.Put(lab.Repository, "root", first["root"]);
        lab.Server.Put(lab.Repository, "timestamp", first["timestamp"]);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());

        File.Delete(lab.MetadataFile);
        lab.Restart();
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    [Fact]
    public async Task L083_a_root_version_that_is_too_far_away_is_refused_without_a_request_for_each()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        lab.Server.ForgetRequests();
        lab.Repository.Root.Version = int.MaxValue;
        PublishNews(lab);

        Assert.Equal("RootRotation", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.DoesNotContain("2.root", lab.Server.Requests);
    }

    [Fact]
    public async Task L097_a_rotation_to_a_key_that_is_not_pinned_is_refused()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();
        lab.Repository.RotateRoot(TestKey.Certificate(Name));
        PublishNews(lab);

        Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Equal(before, lab.Disk());
    }

    [Theory]
    [InlineData("L090 the right id", true)]
    [InlineData("L091 another id", false)]
    public async Task Without_a_cache_the_pin_decides(string row, bool isRight)
    {
        _ = row;
        await using var lab = await TrustDataLab.StartAsync();
        lab.Pin = isRight
            ? lab.Repository.PinOf(PinKind.CertIds, lab.Repository.Root.Keys[0].Id, new string('a', 64))
            : lab.Repository.PinOf(PinKind.CertIds, lab.Repository.Targets.Keys[0].Id);

        if (isRight)
        {
            Assert.Equal(lab.Repository.Root.Keys[0].Id, Assert.Single((await lab.GetAsync()).RootCertificateIds));
        }
        else
        {
            Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));
            Assert.Equal("", lab.Disk());
        }
    }

    [Fact]
    public async Task L100_a_pin_that_changes_decides_at_once_over_memory_and_cache()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Change = p => p with { Freshness = TimeSpan.FromHours(1) };
        var right = lab.Pin;
        await lab.GetAsync();

        lab.Pin = lab.Repository.PinOf(PinKind.RootKeys, new string('b', 64));
        Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));

        lab.Restart();
        Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));
        await lab.Server.StopAsync();
        Assert.Equal("Unreachable", AvailabilityTests.FaultOf(await lab.FailAsync()));

        lab.Pin = right;
        Assert.True((await lab.GetAsync()).Stale);
    }

    [Fact]
    public async Task L089_a_repository_without_a_pin_is_refused_without_a_request()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.Pin = new RootPin("docker.io/*", PinKind.RootKeys, lab.Pin.Ids);

        Assert.Equal("PinMismatch", AvailabilityTests.FaultOf(await lab.FailAsync()));
        Assert.Empty(lab.Server.Requests);
    }

    [Fact]
    public async Task A_root_that_no_longer_satisfies_the_pin_is_dropped_and_another_line_starts_with_its_own_versions()
    {
        await using var lab = await TrustDataLab.StartAsync();
        lab.PublishNext();
        lab.PublishNext();
        await lab.GetAsync();
        var firstPin = lab.Pin;

        var anew = TrustDataLab.NewRepository();
        lab.Server.RemoveAll(lab.Repository);
        lab.Server.Publish(anew);
        lab.Pin = anew.Pin();
        Assert.Equal(anew.Root.Keys[0].CanonicalId, Assert.Single((await lab.GetAsync()).RootKeyIds));

        // Back again: the versions of the first line have not been forgotten.
        lab.Pin = firstPin;
        lab.Repository.Timestamp.Version = 1;
        lab.Server.RemoveAll(anew);
        lab.Server.Publish(lab.Repository);
        Assert.Equal("Rollback", AvailabilityTests.FaultOf(await lab.FailAsync()));
    }

    private static RootPin PinBoth(TrustDataLab lab, params TestKey[] keys) =>
        lab.Repository.PinOf(PinKind.RootKeys, [.. keys.Select(k => k.CanonicalId), lab.Repository.Root.Keys[0].CanonicalId]);

    private static void PublishNews(TrustDataLab lab)
    {
        lab.Repository.Snapshot.Version++;
        lab.Repository.Timestamp.Version++;
        lab.Server.Publish(lab.Repository);
    }

    private static void Swap(TrustDataLab lab, string name, long version) =>
        lab.Server.Put(lab.Repository, name, lab.Repository.Publish().Roots[version]);
}
