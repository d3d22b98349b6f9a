using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Lines 101 to 109 of notary-v1.md 7.</summary>
public sealed class TagLookupTests
{
    private static readonly string One = new('1', 64);
    private static readonly string Two = new('2', 64);

    private readonly TestRepository _repository = new();
    private readonly TestTargets _releases;

    public TagLookupTests() => _releases = _repository.Delegate("targets/releases");

    [Fact]
    public void L101_targets_releases_speaks_before_targets()
    {
        _repository.Targets.Tags["1"] = One;
        _releases.Tags["1"] = Two;
        var verified = _repository.Verify();

        Assert.Equal(new TrustedTag("1", DigestOf(Two), RoleName.Releases), verified.FindTag("1"));
        Assert.Equal([RoleName.Targets, RoleName.Releases], verified.TagRoles("1"));
    }

    [Fact]
    public void The_keys_that_signed_a_role_are_known_and_so_is_which_may()
    {
        _repository.Targets.Tags["1"] = One;
        _releases.Tags["2"] = Two;
        var verified = _repository.Verify();

        foreach (var role in (RoleName[])[RoleName.Targets, RoleName.Releases])
        {
            var signers = verified.SignersOf(role)!;
            Assert.Equal(signers.Allowed.Keys.Keys.Order(StringComparer.Ordinal), signers.SignedBy);
            Assert.True(signers.MaySign(signers.SignedBy));
            Assert.False(signers.MaySign([]));
            Assert.False(signers.MaySign(["another"]));
        }

        Assert.NotEqual(verified.SignersOf(RoleName.Targets)!.SignedBy, verified.SignersOf(RoleName.Releases)!.SignedBy);
        Assert.Null(verified.SignersOf(Loading.Role("targets/qa")));
    }

    [Fact]
    public void One_key_said_twice_does_not_meet_a_threshold_of_two()
    {
        var keys = _repository.Verify().SignersOf(RoleName.Targets)!.Allowed with { Threshold = 2 };
        var one = keys.Keys.Keys.First();
        Assert.False(new RoleSigners([one], keys).MaySign([one, one]));
    }

    [Fact]
    public void L102_targets_speaks_for_what_releases_does_not_have()
    {
        _repository.Targets.Tags["1"] = One;
        _releases.Tags["2"] = Two;

        Assert.Equal(new TrustedTag("1", DigestOf(One), RoleName.Targets), _repository.Verify().FindTag("1"));
    }

    [Fact]
    public void L103_other_roles_do_not_count_but_are_named()
    {
        _repository.Delegate("targets/qa").Tags["1"] = One;
        var verified = _repository.Verify();

        Assert.Null(verified.FindTag("1"));
        Assert.Empty(verified.FindDigest(DigestOf(One)));
        Assert.Equal(["targets/qa"], verified.TagRoles("1").Select(r => r.Text));
        Assert.Equal(0, verified.TagCount);
    }

    [Fact]
    public void L104_a_role_below_releases_does_not_count_and_hides_targets_as_for_the_Docker_CLI()
    {
        _repository.Delegate("targets/releases/nested", _releases).Tags["1"] = One;
        Assert.Null(_repository.Verify().FindTag("1"));

        _repository.Targets.Tags["1"] = Two;
        Assert.Null(_repository.Verify().FindTag("1"));
        Assert.Empty(_repository.Verify().FindDigest(DigestOf(Two)));

        _releases.Tags["1"] = One;
        Assert.Equal(DigestOf(One), _repository.Verify().FindTag("1")!.Digest);
    }

    [Fact]
    public void L107_another_role_does_not_hide_targets()
    {
        _repository.Delegate("targets/qa").Tags["1"] = One;
        _repository.Targets.Tags["1"] = Two;

        Assert.Equal(DigestOf(Two), _repository.Verify().FindTag("1")!.Digest);
    }

    [Theory]
    [InlineData("L105 the prefix of its paths", "level2-tag", true)]
    [InlineData("L105 the path itself", "level2", true)]
    [InlineData("L105 another tag", "latest", false)]
    [InlineData("L105 the prefix in another case", "LEVEL2", false)]
    public void A_role_speaks_only_under_its_paths(string name, string tag, bool found)
    {
        _releases.Paths = ["other", "level2"];
        _releases.Tags[tag] = One;
        var verified = _repository.Verify();

        Assert.True(found == (verified.FindTag(tag) is not null), name);
        Assert.Equal(found ? 1 : 0, verified.TagRoles(tag).Count);
        Assert.Equal(found ? 1 : 0, verified.TagCount);
    }

    [Fact]
    public void L105_what_releases_may_not_speak_for_is_left_to_targets()
    {
        _releases.Paths = ["release-"];
        _releases.Tags["1"] = Two;
        _repository.Targets.Tags["1"] = One;

        Assert.Equal(DigestOf(One), _repository.Verify().FindTag("1")!.Digest);
    }

    [Fact]
    public void L105_a_child_cannot_speak_for_more_than_its_parent()
    {
        var qa = _repository.Delegate("targets/qa");
        var sub = _repository.Delegate("targets/qa/sub", qa);
        qa.Paths = ["qa-"];
        sub.Paths = ["qa-2", "", "other", "qa"];
        sub.Tags["qa-2.1"] = One;
        sub.Tags["qa-1"] = One;
        sub.Tags["other"] = One;
        var verified = _repository.Verify();

        Assert.Equal(["targets/qa/sub"], verified.TagRoles("qa-2.1").Select(r => r.Text));
        Assert.Empty(verified.TagRoles("qa-1"));
        Assert.Empty(verified.TagRoles("other"));
    }

    [Fact]
    public void L106_a_role_without_paths_signs_nothing()
    {
        _releases.Paths = [];
        _releases.Tags["1"] = One;

        Assert.Null(_repository.Verify().FindTag("1"));
        _releases.Paths = [""];
        Assert.NotNull(_repository.Verify().FindTag("1"));
    }

    [Fact]
    public void L108_a_digest_finds_the_tags_that_have_it_now()
    {
        _repository.Targets.Tags["old"] = One;
        _repository.Targets.Tags["moved"] = One;
        _repository.Targets.Tags["B"] = Two;
        _releases.Tags["moved"] = Two;
        _releases.Tags["a"] = Two;
        var verified = _repository.Verify();

        Assert.Equal(["B", "a", "moved"], verified.FindDigest(DigestOf(Two)).Select(t => t.Tag));
        Assert.Equal([new TrustedTag("old", DigestOf(One), RoleName.Targets)], verified.FindDigest(DigestOf(One)));
        Assert.Empty(verified.FindDigest(DigestOf(new string('3', 64))));
        Assert.Equal(4, verified.TagCount);
    }

    [Fact]
    public void L108_an_unknown_tag_is_not_found()
    {
        _repository.Targets.Tags["1"] = One;
        var verified = _repository.Verify();

        Assert.Null(verified.FindTag("2"));
        Assert.Null(verified.FindTag("1 "));
        Assert.Null(verified.FindTag(""));
        Assert.Empty(verified.TagRoles("2"));
    }

    [Fact]
    public void L109_a_tag_without_sha256_is_not_signed_and_does_not_fall_back()
    {
        _repository.Targets.Tags["1"] = One;
        _releases.Tags["1"] = Two;
        _releases.Change = s => s["targets"]!["1"]!["hashes"]!.AsObject().Remove("sha256");
        var verified = _repository.Verify();

        Assert.Null(verified.FindTag("1"));
        Assert.Equal(0, verified.TagCount);
    }

    [Fact]
    public void A_repository_can_be_asked_by_many_threads_at_once()
    {
        for (var i = 0; i < 200; i++)
        {
            _repository.Targets.Tags[$"t{i}"] = One;
        }

        var verified = _repository.Verify();
        var counts = new int[8];
        Parallel.For(0, counts.Length, i => counts[i] = verified.FindDigest(DigestOf(One)).Count);

        Assert.All(counts, c => Assert.Equal(200, c));
    }

    private static Digest DigestOf(string hex) => Digest.TryFromHex(hex, out var digest) ? digest : throw new ArgumentException(hex);
}
