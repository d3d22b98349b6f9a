using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 33 to 45 of notary-v1.md 7: order, and hashes that parents sign.</summary>
public sealed class LoadOrderTests
{
    private readonly TestRepository _repository = new();
    private readonly TestTargets _releases;
    private readonly PublishedMetadata _files;
    private readonly TrustedMetadataSet _set;

    public LoadOrderTests()
    {
        _releases = _repository.Delegate("targets/releases");
        _repository.Delegate("targets/releases/sub", _releases);
        _files = _repository.Publish();
        _set = _repository.NewSet();
    }

    [Fact]
    public void L034_nothing_loads_before_the_root()
    {
        Assert.Throws<InvalidOperationException>(() => _set.LoadNextRoot(_files["root"], 2));
        Assert.Throws<InvalidOperationException>(_set.CompleteRoot);
        Assert.Throws<InvalidOperationException>(() => _set.LoadTimestamp(_files["timestamp"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadSnapshot(_files["snapshot"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadTargets(_files["targets"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadDelegation(RoleName.Releases, _files["targets/releases"]));
        Assert.Throws<InvalidOperationException>(() => _set.MetaFor(RoleName.Targets));
        Assert.Throws<InvalidOperationException>(() => _set.SnapshotMeta);
        Assert.Throws<InvalidOperationException>(() => _set.PendingDelegations);
        Assert.Throws<InvalidOperationException>(_set.Complete);
        Assert.Equal(0, _set.RootVersion);
    }

    [Fact]
    public void L034_nothing_loads_before_the_root_is_complete()
    {
        _set.LoadRoot(_files["root"]);

        Assert.Throws<InvalidOperationException>(() => _set.LoadTimestamp(_files["timestamp"]));
    }

    [Fact]
    public void L035_a_delegation_waits_for_its_parent()
    {
        _set.LoadRoot(_files["root"]);
        _set.CompleteRoot();
        _set.LoadTimestamp(_files["timestamp"]);
        _set.LoadSnapshot(_files["snapshot"]);
        Assert.Throws<InvalidOperationException>(() => _set.LoadDelegation(RoleName.Releases, _files["targets/releases"]));

        _set.LoadTargets(_files["targets"]);
        var sub = Loading.Role("targets/releases/sub");
        Assert.Equal([RoleName.Releases], _set.PendingDelegations);
        Assert.Throws<InvalidOperationException>(() => _set.LoadDelegation(sub, _files[sub.Text]));
        Assert.Throws<InvalidOperationException>(_set.Complete);

        Assert.True(_set.LoadDelegation(RoleName.Releases, _files["targets/releases"]));
        Assert.Equal([sub], _set.PendingDelegations);
    }

    [Fact]
    public void L037_after_the_result_nothing_loads_any_more()
    {
        var first = _set.LoadAll(_files);

        Assert.Throws<InvalidOperationException>(() => _set.LoadTimestamp(_files["timestamp"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadDelegation(RoleName.Releases, _files["targets/releases"]));
        Assert.Empty(_set.PendingDelegations);
        Assert.Equal(first.Versions, _set.Complete().Versions);
    }

    [Fact]
    public void L039_a_snapshot_waits_for_the_timestamp_that_signs_its_hash()
    {
        // The Go client remembers the snapshot and fails at the timestamp; here there is nothing to remember.
        _set.LoadRoot(_files["root"]);
        _set.CompleteRoot();

        Assert.Throws<InvalidOperationException>(() => _set.LoadSnapshot(_files["snapshot"]));

        _set.LoadTimestamp(_files["timestamp"]);
        Loading.Fails(RepositoryFault.ChecksumMismatch, "snapshot", () => _set.LoadSnapshot((byte[])[.. _files["snapshot"], (byte)' ']));
    }

    [Fact]
    public void L036_a_role_loads_once()
    {
        _set.LoadAll(_files);

        Assert.Throws<InvalidOperationException>(() => _set.LoadRoot(_files["root"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadNextRoot(_files["root"], 2));
        Assert.Throws<InvalidOperationException>(_set.CompleteRoot);
        Assert.Throws<InvalidOperationException>(() => _set.LoadTimestamp(_files["timestamp"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadSnapshot(_files["snapshot"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadTargets(_files["targets"]));
        Assert.Throws<InvalidOperationException>(() => _set.LoadDelegation(RoleName.Releases, _files["targets/releases"]));
    }

    [Theory]
    [InlineData("L038 snapshot", "snapshot")]
    [InlineData("L042 targets", "targets")]
    [InlineData("L042 delegation", "targets/releases")]
    [InlineData("L044 root", "root")]
    public void A_file_with_one_more_space_is_not_the_one_its_parent_signed(string name, string role)
    {
        Assert.NotEmpty(name);
        var files = Replaced(role, [.. _files[role], (byte)' ']);

        Loading.Fails(RepositoryFault.ChecksumMismatch, role, () => _set.LoadAll(files));
    }

    [Fact]
    public void L061_a_timestamp_with_white_space_is_the_same_timestamp() =>
        Assert.NotNull(_set.LoadAll(Replaced("timestamp", [(byte)' ', .. _files["timestamp"], (byte)'\n'])));

    [Fact]
    public void L040_L041_entries_for_other_roles_say_nothing()
    {
        _repository.Timestamp.Change = s => s["meta"]!["root"] = s["meta"]!["snapshot"]!.DeepClone();
        _repository.ChangeSnapshotMeta = m => m["snapshot"] = m["root"]!.DeepClone();

        Assert.NotNull(_set.LoadAll(_repository.Publish()));
    }

    [Fact]
    public void L043_a_delegation_that_the_snapshot_does_not_list_is_passed_over()
    {
        _releases.Listed = false;
        _releases.Delegations.Clear();
        var files = _repository.Publish();

        var verified = _set.LoadAll(files);

        Assert.DoesNotContain(RoleName.Releases, verified.Versions.Keys);
        Assert.Empty(verified.DroppedDelegations);
    }

    [Fact]
    public void L043_unless_targets_releases_was_verified_before()
    {
        _releases.Listed = false;
        _releases.Delegations.Clear();
        var files = _repository.Publish();
        var set = _repository.NewSet(floors: Loading.Floors(("targets/releases", 1)));

        Loading.Fails(RepositoryFault.MissingMetadata, "targets/releases", () => set.LoadAll(files));
    }

    [Fact]
    public void L031_an_entry_without_a_known_hash_matches_nothing()
    {
        _repository.ChangeSnapshotMeta = m =>
        {
            m["targets/releases"]!["hashes"]!.AsObject().Clear();
            m["targets/releases"]!["hashes"]!["md5"] = "AAAA";
        };
        var files = _repository.Publish();

        Loading.Fails(RepositoryFault.ChecksumMismatch, "targets/releases", () => _set.LoadAll(files));
    }

    [Fact]
    public void L031_unknown_hashes_beside_a_good_one_and_sha512_alone_are_fine()
    {
        _repository.ChangeSnapshotMeta = m =>
        {
            m["targets/releases"]!["hashes"]!.AsObject().Remove("sha256");
            m["targets"]!["hashes"]!["sha3"] = "?";
        };

        Assert.NotNull(_set.LoadAll(_repository.Publish()));
    }

    [Fact]
    public void A_file_longer_than_its_parent_signed_is_too_large()
    {
        _repository.ChangeSnapshotMeta = m => m["targets"]!["length"] = 10;
        var files = _repository.Publish();

        Loading.Fails(RepositoryFault.TooLarge, "targets", () => _set.LoadAll(files));
    }

    [Fact]
    public void A_file_that_failed_leaves_the_set_as_it_was()
    {
        var damaged = Replaced("targets", "{}"u8.ToArray());
        Assert.Throws<RepositoryException>(() => _set.LoadAll(damaged));

        _set.LoadTargets(_files["targets"]);
        _set.LoadDelegations(_files);

        Assert.Equal(2, _set.Complete().Versions.Count(v => v.Key.IsDelegation));
    }

    private PublishedMetadata Replaced(string role, byte[] file) =>
        _files with { Files = new Dictionary<string, byte[]>(_files.Files, StringComparer.Ordinal) { [role] = file } };
}
