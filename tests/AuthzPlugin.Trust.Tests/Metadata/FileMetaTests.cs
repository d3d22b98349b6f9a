using System.Security.Cryptography;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Metadata;

public sealed class FileMetaTests
{
    private static readonly byte[] File = [1, 2, 3];
    private static readonly Sha256Hash Right = Sha256Hash.Of(File);
    private static readonly Sha256Hash Wrong = Sha256Hash.Of([4]);

    public static TheoryData<string, FileMeta, bool> Rows => new()
    {
        { "L031 no known hash", new FileMeta(3, null, default), false },
        { "L031 sha256 alone", new FileMeta(3, Right, default), true },
        { "L031 sha512 alone", new FileMeta(3, null, SHA512.HashData(File)), true },
        { "L031 both", new FileMeta(3, Right, SHA512.HashData(File)), true },
        { "L031 sha256 right and sha512 wrong", new FileMeta(3, Right, new byte[64]), false },
        { "L031 sha256 wrong and sha512 right", new FileMeta(3, Wrong, SHA512.HashData(File)), false },
        { "L031 sha256 wrong", new FileMeta(3, Wrong, default), false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_known_hash_must_match_and_there_must_be_one(string name, FileMeta meta, bool matches) =>
        Assert.True(meta.Matches(File) == matches, name);

    [Fact]
    public void A_hash_and_a_digest_are_the_same_value()
    {
        var digest = Digest.FromHash(SHA256.HashData(File));

        Assert.Equal(digest, Right.ToDigest());
        Assert.Equal(Right, Sha256Hash.Of(digest));
        Assert.Equal(digest.Hex, Right.ToString());
    }
}
