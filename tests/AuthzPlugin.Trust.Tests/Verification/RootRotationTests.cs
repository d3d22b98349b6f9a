using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 52, 53, 72 to 83 and 97 of notary-v1.md 7: chains of roots.</summary>
public sealed class RootRotationTests
{
    private const string Name = "registry.example.com/team/app";

    private static readonly TestKey A = TestKey.Certificate(Name);
    private static readonly TestKey B = TestKey.Certificate(Name);
    private static readonly TestKey C = TestKey.Certificate(Name);
    private static readonly TestKey D = TestKey.Certificate(Name);

    private readonly TestRepository _repository = new(Name) { Root = { Keys = [A] } };

    /// <summary>Name, old keys, old threshold, new keys, new threshold, signers of the new root, fault or null.</summary>
    public static TheoryData<string, TestKey[], int, TestKey[], int, TestKey[], RepositoryFault?> Rows => new()
    {
        { "L073 signed by old and new", [A], 1, [B], 1, [A, B], null },
        { "L073 signed by the new key only", [A], 1, [B], 1, [B], RepositoryFault.RootRotation },
        { "L073 signed by the old key only", [A], 1, [B], 1, [A], RepositoryFault.SignatureThreshold },
        { "L053 signed by a stranger", [A], 1, [B], 1, [C], RepositoryFault.RootRotation },
        { "L003 signed by nobody", [A], 1, [B], 1, [], RepositoryFault.Unsigned },
        { "L074 2 of 3, one old signer", [A, B, C], 2, [D], 1, [A, D], RepositoryFault.RootRotation },
        { "L074 2 of 3, one old signer twice", [A, B, C], 2, [D], 1, [A, A, D], RepositoryFault.RootRotation },
        { "L074 2 of 3, two old signers", [A, B, C], 2, [D], 1, [A, C, D], null },
        { "L074 2 of 3, two other old signers", [A, B, C], 2, [D], 1, [B, C, D], null },
        { "L074 new threshold not met", [A], 1, [B, C], 2, [A, B], RepositoryFault.SignatureThreshold },
        { "L074 new threshold met", [A], 1, [B, C], 2, [A, B, C], null },
        { "L075 same keys, signed", [A], 1, [A], 1, [A], null },
        { "L075 same keys, signed by another", [A], 1, [A], 1, [B], RepositoryFault.RootRotation },
        { "L075 threshold lowered by too few", [A, B], 2, [A, B], 1, [A], RepositoryFault.RootRotation },
        { "an old key stays", [A, B], 1, [B, C], 1, [B], null },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_new_root_satisfies_the_previous_one_and_itself(
        string name, TestKey[] oldKeys, int oldThreshold, TestKey[] newKeys, int newThreshold, TestKey[] signers, RepositoryFault? fault)
    {
        Assert.NotEmpty(name);
        (_repository.Root.Keys, _repository.Root.Threshold) = ([.. oldKeys], oldThreshold);
        var first = _repository.PublishRoot();
        (_repository.Root.Keys, _repository.Root.Threshold) = ([.. newKeys], newThreshold);
        (_repository.Root.SignWith, _repository.Root.Version) = ([.. signers], 2);
        var second = _repository.PublishRoot();
        var set = NewSet();
        set.LoadRoot(first);

        if (fault is { } expected)
        {
            Loading.Fails(expected, "root", () => set.LoadNextRoot(second, 2));
            Assert.Equal(1, set.RootVersion);
        }
        else
        {
            set.LoadNextRoot(second, 2);
            set.CompleteRoot();
            Assert.Equal(2, set.RootVersion);
        }
    }

    [Fact]
    public void L076_several_roots_are_followed_one_by_one()
    {
        _repository.PublishRoot();
        _repository.RotateRoot(B);
        _repository.RotateRoot(C);
        _repository.RotateRoot(D);
        var files = _repository.Publish();

        var set = LoadRoots(files, 1, 2, 3, 4);
        set.CompleteRoot();
        var verified = set.LoadAllBelowRoot(files);

        Assert.Equal([D.CanonicalId], verified.RootKeyIds);
        Assert.Equal([D.Id], verified.RootCertificateIds);
        Assert.Equal(4, verified.Versions[RoleName.Root]);
    }

    [Fact]
    public void L078_L083_a_root_under_the_number_of_another_is_refused()
    {
        _repository.PublishRoot();
        _repository.RotateRoot();
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = LoadRoots(files, 1);

        Loading.Fails(RepositoryFault.RootRotation, "root", () => set.LoadNextRoot(files.Roots[3], 2));
        Loading.Fails(RepositoryFault.Rollback, "root", () => set.LoadNextRoot(files.Roots[1], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.LoadNextRoot(files.Roots[3], 3));
        set.LoadNextRoot(files.Roots[2], 2);
    }

    [Fact]
    public void L080_each_root_needs_its_own_predecessor()
    {
        _repository.PublishRoot();
        _repository.Root.SignWith = [B];
        _repository.RotateRoot(B);
        _repository.Root.SignWith = [A, B, C];
        _repository.RotateRoot(C);
        var files = _repository.Publish();
        var set = LoadRoots(files, 1);

        Loading.Fails(RepositoryFault.RootRotation, "root", () => set.LoadNextRoot(files.Roots[2], 2));
    }

    [Fact]
    public void L081_L052_an_expired_root_may_be_followed_but_not_stay()
    {
        _repository.Root.Expires = _repository.Now.AddDays(-1);
        _repository.PublishRoot();
        _repository.RotateRoot(B);
        var expired = _repository.Publish();
        var set = LoadRoots(expired, 1, 2);
        Loading.Fails(RepositoryFault.Expired, "root", set.CompleteRoot);

        _repository.Root.Expires = _repository.Now.AddDays(1);
        var next = _repository.RotateRoot();
        set.LoadNextRoot(next, 3);
        set.CompleteRoot();

        Assert.Equal(3, set.RootVersion);
    }

    [Fact]
    public void An_expired_certificate_may_be_followed_by_a_new_one_of_the_same_key()
    {
        var old = TestKey.Certificate(new TestCertificate { CommonName = Name, NotAfter = _repository.Now.AddDays(-1) });
        var renewed = TestKey.Certificate(new TestCertificate { CommonName = Name, Key = old.PrivateKey });
        _repository.Root.Keys = [old];
        _repository.PublishRoot();
        _repository.RotateRoot(renewed);
        var files = _repository.Publish();
        var pin = _repository.Pin();

        var set = _repository.NewSet(pin);
        set.LoadRoot(files.Roots[1]);
        set.LoadNextRoot(files.Roots[2], 2);
        set.CompleteRoot();

        Assert.Equal([renewed.CanonicalId], set.LoadAllBelowRoot(files).RootKeyIds);
        Assert.Equal(old.CanonicalId, renewed.CanonicalId);
        Assert.NotEqual(old.Id, renewed.Id);
    }

    [Fact]
    public void L097_a_new_root_must_be_pinned_even_when_the_old_one_signed_it()
    {
        _repository.PublishRoot();
        _repository.RotateRoot(B);
        var files = _repository.Publish();
        var set = _repository.NewSet(_repository.PinOf(Pinning.PinKind.CertIds, A.Id));
        set.LoadRoot(files.Roots[1]);

        Loading.Fails(RepositoryFault.PinMismatch, "root", () => set.LoadNextRoot(files.Roots[2], 2));
    }

    [Fact]
    public void L082_a_previous_root_without_keys_cannot_be_followed()
    {
        var stranger = TestKey.Certificate("registry.example.com/other");
        _repository.Root.Keys = [stranger];
        var files = _repository.Publish();

        Loading.Fails(RepositoryFault.RootCertificate, "root", () => NewSet().LoadRoot(files["root"]));
    }

    [Fact]
    public void L072_the_last_root_is_not_below_its_floor()
    {
        _repository.PublishRoot();
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = _repository.NewSet(floors: Loading.Floors(("root", 3)));
        set.LoadRoot(files.Roots[1]);
        set.LoadNextRoot(files.Roots[2], 2);

        Loading.Fails(RepositoryFault.Rollback, "root", set.CompleteRoot);
    }

    [Theory]
    [InlineData("timestamp key", true, false)]
    [InlineData("snapshot key", false, true)]
    [InlineData("both", true, true)]
    [InlineData("neither", false, false)]
    public void Floors_of_a_role_fall_when_a_new_root_changes_its_keys(string name, bool timestamp, bool snapshot)
    {
        Assert.NotEmpty(name);
        _repository.PublishRoot();
        _repository.Timestamp.Keys = timestamp ? [TestKey.Ecdsa()] : _repository.Timestamp.Keys;
        _repository.Snapshot.Keys = snapshot ? [TestKey.Ecdsa()] : _repository.Snapshot.Keys;
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = _repository.NewSet(floors: Loading.Floors(("root", 1), ("timestamp", timestamp ? 9 : 1), ("snapshot", snapshot ? 9 : 1)));
        set.LoadRoot(files.Roots[1]);
        set.LoadNextRoot(files.Roots[2], 2);
        set.CompleteRoot();

        var verified = set.LoadAllBelowRoot(files);

        Assert.Equal(timestamp, verified.RotatedRoles.Contains(RoleName.Timestamp));
        Assert.Equal(snapshot, verified.RotatedRoles.Contains(RoleName.Snapshot));
    }

    [Fact]
    public void Floors_of_targets_never_fall()
    {
        _repository.PublishRoot();
        _repository.Targets.Keys = [TestKey.Ecdsa()];
        _repository.Timestamp.Keys = [TestKey.Ecdsa()];
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = _repository.NewSet(floors: Loading.Floors(("targets", 2)));
        set.LoadRoot(files.Roots[1]);
        set.LoadNextRoot(files.Roots[2], 2);
        set.CompleteRoot();

        Loading.Fails(RepositoryFault.Rollback, "targets", () => set.LoadAllBelowRoot(files));
    }

    [Fact]
    public void A_rotation_that_was_seen_before_lowers_nothing_again()
    {
        _repository.PublishRoot();
        _repository.Timestamp.Keys = [TestKey.Ecdsa()];
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = _repository.NewSet(floors: Loading.Floors(("root", 2), ("timestamp", 9)));
        set.LoadRoot(files.Roots[1]);
        set.LoadNextRoot(files.Roots[2], 2);
        set.CompleteRoot();

        Assert.Empty(set.RotatedRoles);
        Loading.Fails(RepositoryFault.Rollback, "timestamp", () => set.LoadTimestamp(files["timestamp"]));
    }

    [Fact]
    public void L083_the_claimed_version_can_be_read_before_anything_is_verified()
    {
        _repository.Root.Version = 1L << 31;
        var file = _repository.PublishRoot();

        Assert.Equal(1L << 31, TrustedMetadataSet.PeekRootVersion(file, MetadataLimits.Default));
        Loading.Fails(
            RepositoryFault.Malformed,
            "root",
            () => TrustedMetadataSet.PeekRootVersion(_repository.Publish()["targets"], MetadataLimits.Default));
    }

    [Fact]
    public void L044_the_snapshot_must_list_the_root_that_was_loaded()
    {
        var old = _repository.PublishRoot();
        _repository.RotateRoot();
        var files = _repository.Publish();
        var set = NewSet();
        set.LoadRoot(old);
        set.CompleteRoot();
        set.LoadTimestamp(files["timestamp"]);

        Loading.Fails(RepositoryFault.ChecksumMismatch, "root", () => set.LoadSnapshot(files["snapshot"]));
    }

    private TrustedMetadataSet LoadRoots(PublishedMetadata files, params long[] versions)
    {
        var set = NewSet();
        set.LoadRoot(files.Roots[versions[0]]);
        foreach (var version in versions[1..])
        {
            set.LoadNextRoot(files.Roots[version], version);
        }

        return set;
    }

    private TrustedMetadataSet NewSet() => _repository.NewSet(_repository.PinOf(
        Pinning.PinKind.RootKeys, A.CanonicalId, B.CanonicalId, C.CanonicalId, D.CanonicalId));
}
