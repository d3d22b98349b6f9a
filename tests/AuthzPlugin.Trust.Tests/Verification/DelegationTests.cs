using System.Security.Cryptography;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 66, 67 and 70 of notary-v1.md 7, and what decisions.md makes stricter for <c>targets/releases</c>.</summary>
public sealed class DelegationTests
{
    private static readonly string One = new('1', 64);

    private readonly TestRepository _repository = new();

    /// <summary>What is wrong with a delegation; whether only its subtree is lost; the fault otherwise, and of targets/releases.</summary>
    public static TheoryData<string, Action<TestTargets>, bool, RepositoryFault> Rows => new()
    {
        { "L066 expired", d => d.Expires = d.Expires.AddYears(-10), true, RepositoryFault.Expired },
        { "L066 bad signature", d => d.SignWith = [TestKey.Ecdsa()], true, RepositoryFault.SignatureThreshold },
        { "L066 threshold not met", d => d.Threshold = 2, true, RepositoryFault.SignatureThreshold },
        { "L001 no keys", d => (d.SignWith, d.Keys) = ([.. d.Keys], []), true, RepositoryFault.SignatureThreshold },
        { "L070 key changed by the parent alone", d => (d.SignWith, d.Keys) = ([.. d.Keys], [TestKey.Ecdsa()]), true, RepositoryFault.SignatureThreshold },
        { "L045 no signatures", d => d.SignWith = [], false, RepositoryFault.Unsigned },
        { "L066 bad JSON", d => d.Corrupt = _ => "{"u8.ToArray(), false, RepositoryFault.Malformed },
        { "L066 bad structure", d => d.Change = s => s["_type"] = "Root", false, RepositoryFault.Malformed },
        { "L066 bad structure and expired", d => (d.Change, d.Expires) = (s => s["targets"] = 1, d.Expires.AddYears(-10)), false, RepositoryFault.Malformed },
        { "L066 low version", d => d.Version = 0, false, RepositoryFault.Malformed },
        { "a weak key", d => d.Keys = [Weak()], false, RepositoryFault.Malformed },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Only_expired_and_under_signed_delegations_are_dropped_with_their_subtree(
        string name, Action<TestTargets> spoil, bool isDropped, RepositoryFault fault)
    {
        Assert.NotEmpty(name);
        _repository.Targets.Tags["good"] = One;
        var spoiled = _repository.Delegate("targets/qa");
        _repository.Delegate("targets/qa/sub", spoiled).Tags["1"] = One;
        _repository.Delegate("targets/other").Tags["1"] = One;
        spoil(spoiled);
        var files = _repository.Publish();

        if (!isDropped)
        {
            Loading.Fails(fault, "targets/qa", () => _repository.NewSet().LoadAll(files));
            return;
        }

        var verified = _repository.NewSet().LoadAll(files);
        Assert.NotNull(verified.FindTag("good"));
        Assert.Equal(["targets/qa"], verified.DroppedDelegations.Select(d => d.Role.Text));
        Assert.NotEmpty(verified.DroppedDelegations[0].Reason);
        Assert.Equal(["targets/other"], verified.TagRoles("1").Select(r => r.Text));
        Assert.DoesNotContain(verified.Versions.Keys, r => r.Text.StartsWith("targets/qa", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Targets_releases_is_never_dropped(string name, Action<TestTargets> spoil, bool isDropped, RepositoryFault fault)
    {
        Assert.True(name.Length > 0 || isDropped);
        _repository.Targets.Tags["1"] = One;
        spoil(_repository.Delegate("targets/releases"));
        var files = _repository.Publish();

        Loading.Fails(fault, "targets/releases", () => _repository.NewSet().LoadAll(files));
    }

    [Fact]
    public void LoadDelegation_says_whether_the_file_counts()
    {
        _repository.Delegate("targets/a").Expires = _repository.Now.AddDays(-1);
        _repository.Delegate("targets/b");
        var files = _repository.Publish();
        var set = _repository.NewSet();
        set.LoadRoot(files["root"]);
        set.CompleteRoot();
        set.LoadTimestamp(files["timestamp"]);
        set.LoadSnapshot(files["snapshot"]);
        set.LoadTargets(files["targets"]);

        Assert.False(set.LoadDelegation(Loading.Role("targets/a"), files["targets/a"]));
        Assert.True(set.LoadDelegation(Loading.Role("targets/b"), files["targets/b"]));
        Assert.Empty(set.PendingDelegations);
    }

    [Fact]
    public void L067_a_delegation_that_targets_no_longer_makes_is_gone()
    {
        var qa = _repository.Delegate("targets/qa");
        qa.Tags["1"] = One;
        Assert.NotEmpty(_repository.Verify().TagRoles("1"));
        _repository.Targets.Delegations.Remove(qa);

        Assert.Empty(_repository.Verify().TagRoles("1"));
    }

    [Fact]
    public void Roles_are_walked_breadth_first_in_the_order_of_their_parents()
    {
        var b = _repository.Delegate("targets/b");
        var a = _repository.Delegate("targets/a");
        _repository.Delegate("targets/b/x", b);
        _repository.Delegate("targets/a/y", a);
        foreach (var role in (TestTargets[])[_repository.Targets, a, b, .. a.Delegations, .. b.Delegations])
        {
            role.Tags["1"] = One;
        }

        Assert.Equal(
            ["targets", "targets/b", "targets/a", "targets/b/x", "targets/a/y"],
            _repository.Verify().TagRoles("1").Select(r => r.Text));
    }

    [Fact]
    public void The_number_of_delegations_is_bounded_over_all_levels()
    {
        var a = _repository.Delegate("targets/a");
        _repository.Delegate("targets/a/b", a);
        _repository.Delegate("targets/a/c", a);
        var files = _repository.Publish();

        Assert.NotNull(_repository.NewSet(limits: new MetadataLimits { Delegations = 3 }).LoadAll(files));
        Loading.Fails(
            RepositoryFault.Malformed,
            "targets/a",
            () => _repository.NewSet(limits: new MetadataLimits { Delegations = 2 }).LoadAll(files));
    }

    [Fact]
    public void A_delegation_key_in_an_expired_certificate_still_signs()
    {
        var role = _repository.Delegate("targets/releases");
        role.Keys = [TestKey.Certificate(new TestCertificate { CommonName = "anyone", NotAfter = _repository.Now.AddDays(-1) })];
        role.Tags["1"] = One;

        Assert.Equal(RoleName.Releases, _repository.Verify().FindTag("1")!.Role);
    }

    [Fact]
    public void Expired_delegations_are_kept_when_expired_data_is_allowed()
    {
        var role = _repository.Delegate("targets/releases");
        role.Tags["1"] = One;
        role.Expires = _repository.Now.AddDays(-1);

        var verified = _repository.NewSet(allowExpired: true).LoadAll(_repository.Publish());

        Assert.NotNull(verified.FindTag("1"));
        Assert.Equal([RoleName.Releases], verified.ExpiredRoles);
        Assert.Empty(verified.DroppedDelegations);
    }

    private static CertificateTestKey Weak() => TestKey.Certificate(new TestCertificate { CommonName = "weak", Hash = HashAlgorithmName.SHA1 });
}
