using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Tests.TrustData;

/// <summary>
/// A server that holds the timestamp and snapshot keys and lists the hashes of damaged files (notary-v1.md 7, lines 63 to 68):
/// refused, and nothing of it reaches the disk.
/// </summary>
public sealed class MaliciousServerTests
{
    private static readonly string[] Roles = ["root", "timestamp", "snapshot", "targets", "targets/releases"];

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        foreach (var role in Roles)
        {
            foreach (var kind in Damage.Kinds.Keys)
            {
                rows.Add(role, kind);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task L063_damaged_data_is_refused_without_a_cache_and_leaves_nothing(string role, string kind)
    {
        var repository = TrustDataLab.NewRepository();
        Damage.Kinds[kind](repository, Damage.RoleOf(repository, role));
        await using var lab = await TrustDataLab.StartAsync(repository);

        var e = Assert.IsType<RepositoryException>(await lab.FailAsync());

        Assert.Equal(Expected(role, kind, isCached: false), e.Fault);
        Assert.Equal("", lab.Disk());
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task L063_damaged_news_are_refused_and_the_cache_is_kept(string role, string kind)
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Repository.Root.Version++;
        lab.Repository.Targets.Delegations[0].Version++;
        Damage.Kinds[kind](lab.Repository, Damage.RoleOf(lab.Repository, role));
        lab.PublishNext();
        var e = Assert.IsType<RepositoryException>(await lab.FailAsync());

        Assert.Equal(Expected(role, kind, isCached: true), e.Fault);
        Assert.Equal(before, lab.Disk());
        await CacheStillAnswersAsync(lab);
    }

    [Fact]
    public async Task L064_a_damaged_timestamp_is_refused_even_with_a_valid_cache()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Server.Lies["timestamp"] = new Testing.Notary.Answer.Bytes("{}"u8.ToArray());

        Assert.Equal(RepositoryFault.Malformed, Assert.IsType<RepositoryException>(await lab.FailAsync()).Fault);
        Assert.Equal(before, lab.Disk());
        await CacheStillAnswersAsync(lab);
    }

    [Theory]
    [InlineData("L065 root without its snapshot role", "snapshot", null, RepositoryFault.Malformed)]
    [InlineData("L065 root without its timestamp role", "timestamp", null, RepositoryFault.Malformed)]
    [InlineData("L065 root without its targets role", "targets", null, RepositoryFault.Malformed)]
    [InlineData("L065 root with no keys for timestamp", "timestamp", "empty", RepositoryFault.SignatureThreshold)]
    [InlineData("L065 root with no keys for snapshot", "snapshot", "empty", RepositoryFault.SignatureThreshold)]
    [InlineData("L065 root with no keys for targets", "targets", "empty", RepositoryFault.SignatureThreshold)]
    public async Task A_new_root_without_a_role_or_its_keys_is_refused(string name, string role, string? change, RepositoryFault expected)
    {
        _ = name;
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Repository.Root.Version++;
        lab.Repository.Root.Change = signed =>
        {
            if (change is null)
            {
                signed["roles"]!.AsObject().Remove(role);
            }
            else
            {
                signed["roles"]![role]!["keyids"]!.AsArray().Clear();
            }
        };
        lab.PublishNext();

        Assert.Equal(expected, Assert.IsType<RepositoryException>(await lab.FailAsync()).Fault);
        Assert.Equal(before, lab.Disk());
    }

    [Fact]
    public async Task L066_another_delegation_that_is_under_signed_is_dropped_and_the_rest_answers_also_offline()
    {
        var repository = TrustDataLab.NewRepository();
        var qa = repository.Delegate("targets/qa");
        qa.Tags["9"] = TrustDataLab.Digest2;
        qa.SignWith = [Testing.Metadata.TestKey.Ecdsa()];
        await using var lab = await TrustDataLab.StartAsync(repository);

        var signed = await lab.GetAsync();
        Assert.Equal(TrustDataLab.Digest2, signed.Tags.FindTag("2")?.Digest.Hex);
        Assert.Empty(signed.Tags.TagRoles("9"));

        lab.Restart();
        await lab.Server.StopAsync();
        Assert.Equal(TrustDataLab.Digest2, (await lab.GetAsync()).Tags.FindTag("2")?.Digest.Hex);
    }

    [Fact]
    public async Task L067_a_delegation_that_targets_drops_is_silently_gone()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();

        lab.Repository.Targets.Delegations.Clear();
        lab.PublishNext();

        Assert.Null((await lab.GetAsync()).Tags.FindTag("2"));
    }

    [Fact]
    public async Task L068_targets_that_delegate_to_root_are_refused()
    {
        await using var lab = await TrustDataLab.StartAsync();
        await lab.GetAsync();
        var before = lab.Disk();

        lab.Repository.Targets.Change = signed => signed["delegations"]!["roles"]![0]!["name"] = "root";
        lab.PublishNext();

        Assert.Equal(RepositoryFault.Malformed, Assert.IsType<RepositoryException>(await lab.FailAsync()).Fault);
        Assert.Equal(before, lab.Disk());
    }

    private static async Task CacheStillAnswersAsync(TrustDataLab lab)
    {
        lab.Restart();
        await lab.Server.StopAsync();
        var signed = await lab.GetAsync();
        Assert.True(signed.Stale);
        Assert.Equal(TrustDataLab.Digest1, signed.Tags.FindTag("1")?.Digest.Hex);
    }

    private static RepositoryFault Expected(string role, string kind, bool isCached) => kind switch
    {
        // The present root must have signed the next one; that is looked at first.
        "bad signature" or "wrong key" when isCached && role == "root" => RepositoryFault.RootRotation,
        "bad signature" or "wrong key" or "threshold 2" => RepositoryFault.SignatureThreshold,
        "no signatures" => RepositoryFault.Unsigned,
        "expired" => RepositoryFault.Expired,
        _ => RepositoryFault.Malformed,
    };
}
