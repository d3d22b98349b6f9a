using System.Text;
using AuthzPlugin.Trust.Json;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.Json;

public sealed class StrictBase64Tests
{
    [Fact]
    public void What_the_platform_encodes_is_decoded() =>
        FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(bytes =>
            StrictBase64.Decode(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes))).AsSpan().SequenceEqual(bytes)));

    [Theory]
    [InlineData("no padding", "YWI")]
    [InlineData("too much padding", "YWJj====")]
    [InlineData("only padding", "====")]
    [InlineData("padding inside", "YQ==YQ==")]
    [InlineData("unused bits that are not zero", "YWJ=")]
    [InlineData("unused bits of one byte", "YR==")]
    [InlineData("the URL alphabet", "-_-_")]
    [InlineData("a space", "YW Jj")]
    [InlineData("a line end", "YWJj\n")]
    [InlineData("a carriage return inside", "YW\rJj")]
    [InlineData("a tab", "\tYWJj")]
    [InlineData("not ASCII", "YWé=")]
    public void Any_other_spelling_is_refused(string name, string text)
    {
        Assert.NotEmpty(name);
        Assert.Throws<FormatException>(() => StrictBase64.Decode(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void A_value_longer_than_its_place_is_refused() =>
        Assert.Throws<FormatException>(() => StrictBase64.Decode("YWJjZA=="u8, new byte[3]));
}
