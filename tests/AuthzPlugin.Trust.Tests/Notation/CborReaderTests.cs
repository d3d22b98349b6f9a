using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>CBOR in one spelling, within its bytes and its depth (examples of RFC 8949 appendix A among them).</summary>
public class CborReaderTests
{
    [Theory]
    [InlineData("00", 0)]
    [InlineData("17", 23)]
    [InlineData("1818", 24)]
    [InlineData("1903e8", 1000)]
    [InlineData("1a000f4240", 1000000)]
    [InlineData("1b000000e8d4a51000", 1000000000000)]
    [InlineData("20", -1)]
    [InlineData("3863", -100)]
    [InlineData("3903e7", -1000)]
    public void Integers(string hex, long value) => Assert.Equal(value, Of(hex).ReadInteger());

    [Fact]
    public void Texts_bytes_lists_maps_and_tags()
    {
        Assert.Equal("ü", Of("62c3bc").ReadText());
        Assert.Equal([1, 2, 3, 4], Of("4401020304").ReadBytes().ToArray());
        Assert.Equal(3, Of("83010203").ReadArray());
        Assert.Equal(2, Of("a201020304").ReadMap());
        var tagged = Of("c11a514b67b0");
        tagged.ReadTag(1);
        Assert.Equal(1363896240, tagged.ReadInteger());
        Assert.True(tagged.IsAtEnd);
    }

    [Theory]
    [InlineData("f4")]
    [InlineData("f6")]
    [InlineData("f93c00")]
    [InlineData("fb3ff199999999999a")]
    [InlineData("a26161016162820203")]
    [InlineData("d818456449455446")]
    public void Everything_can_be_read_over(string hex)
    {
        var reader = Of(hex);
        reader.Skip();
        Assert.True(reader.IsAtEnd);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1817")]
    [InlineData("190017")]
    [InlineData("1a00000017")]
    [InlineData("1b0000000000000017")]
    [InlineData("18")]
    [InlineData("5f42010243030405ff")]
    [InlineData("9fff")]
    [InlineData("bfff")]
    [InlineData("44010203")]
    [InlineData("5bffffffffffffffff")]
    [InlineData("9bffffffffffffffff")]
    [InlineData("bb7fffffffffffffff")]
    [InlineData("9a7fffffff00")]
    [InlineData("1c")]
    [InlineData("f8ff")]
    [InlineData("ff")]
    [InlineData("8181818181818181818181818181818181818100")]
    [InlineData("d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d200")]
    public void Anything_else_is_refused(string hex) => Assert.Throws<FormatException>(() => Of(hex).Skip());

    [Fact]
    public void Another_type_than_is_asked_for_is_refused()
    {
        Assert.Throws<FormatException>(() => Of("00").ReadText());
        Assert.Throws<FormatException>(() => Of("60").ReadBytes());
        Assert.Throws<FormatException>(() => Of("40").ReadInteger());
        Assert.Throws<FormatException>(() => Of("c2").ReadTag(1));
        Assert.Throws<FormatException>(() => Of("1bffffffffffffffff").ReadInteger());
        Assert.Throws<FormatException>(() => Of("61ff").ReadText());
    }

    private static CborReader Of(string hex) => new(Convert.FromHexString(hex));
}
