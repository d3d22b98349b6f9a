using System.Globalization;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Verification;

/// <summary>Line 116 of notary-v1.md 7.</summary>
public sealed class LargeRepositoryTests
{
    private const int Count = 75_000;

    [Fact]
    public void L116_75_000_tags_and_75_000_snapshot_entries_work()
    {
        var repository = new TestRepository();
        for (var i = 0; i < Count; i++)
        {
            repository.Targets.Tags[$"1.0.{i}"] = i.ToString("x64", CultureInfo.InvariantCulture);
        }

        repository.ChangeSnapshotMeta = meta =>
        {
            for (var i = 0; i < Count; i++)
            {
                meta[$"targets/d{i}"] = TestRepository.FileMeta([]);
            }
        };

        var files = repository.Publish();
        var verified = repository.NewSet().LoadAll(files);

        Assert.True(files["targets"].Length > 6_000_000);
        Assert.Equal(Count, verified.TagCount);
        var last = (Count - 1).ToString("x64", CultureInfo.InvariantCulture);
        Assert.Equal(last, verified.FindTag($"1.0.{Count - 1}")!.Digest.Hex);
        Assert.True(Digest.TryFromHex(last, out var digest));
        Assert.Equal($"1.0.{Count - 1}", verified.FindDigest(digest).Single().Tag);
    }

    [Fact]
    public void L116_tags_in_any_layout_work_as_well()
    {
        var repository = new TestRepository();
        for (var i = 0; i < Count; i++)
        {
            repository.Targets.Tags[$"1.0.{(i * 7919) % Count}"] = new string('a', 64);
        }

        repository.Targets.Corrupt = file => Vectors.JsonLayouts.Spread(file);

        Assert.Equal(Count, repository.Verify().TagCount);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("sha512")]
    public void L031_every_hash_of_a_large_file_must_match(string hash)
    {
        var repository = new TestRepository();
        for (var i = 0; i < Count; i++)
        {
            repository.Targets.Tags[$"1.0.{i}"] = new string('a', 64);
        }

        repository.ChangeSnapshotMeta = meta =>
        {
            var hashes = meta["targets"]!["hashes"]!;
            var wrong = Convert.FromBase64String((string)hashes[hash]!);
            wrong[^1] ^= 1;
            hashes[hash] = Convert.ToBase64String(wrong);
        };

        Assert.Equal(RepositoryFault.ChecksumMismatch, Assert.Throws<RepositoryException>(() => repository.Verify()).Fault);
    }

    /// <summary>Large files are read while their signature is checked; which fault is told must not depend on that.</summary>
    [Theory]
    [InlineData("targets", 1, RepositoryFault.SignatureThreshold)]
    [InlineData("targets", Count, RepositoryFault.SignatureThreshold)]
    [InlineData("targets/releases", 1, RepositoryFault.Malformed)]
    [InlineData("targets/releases", Count, RepositoryFault.Malformed)]
    public void L116_of_two_faults_the_same_one_is_told_whatever_the_size(string role, int tags, RepositoryFault expected)
    {
        var repository = new TestRepository();
        var file = role == "targets" ? repository.Targets : repository.Delegate(role);
        for (var i = 0; i < tags; i++)
        {
            file.Tags[$"1.0.{i}"] = new string('a', 64);
        }

        file.Change = signed => signed["targets"]!["1.0.0"] = "no object";
        file.SignWith = [TestKey.Ecdsa()];

        Assert.Equal(expected, Assert.Throws<RepositoryException>(() => repository.Verify()).Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Count)]
    public void L116_an_under_signed_delegation_is_dropped_whatever_the_size(int tags)
    {
        var repository = new TestRepository();
        var file = repository.Delegate("targets/team");
        for (var i = 0; i < tags; i++)
        {
            file.Tags[$"1.0.{i}"] = new string('a', 64);
        }

        file.SignWith = [TestKey.Ecdsa()];

        var verified = repository.Verify();

        Assert.Equal("targets/team", Assert.Single(verified.DroppedDelegations).Role.Text);
        Assert.Null(verified.FindTag("1.0.0"));
    }
}
