using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Trust.Tests.Metadata;

public sealed class PublicKeyTests
{
    [Fact]
    public void The_key_id_of_the_check_vector_is_found() =>
        Assert.Equal(
            "8d7f5b0a740a871ac6c51d3df254ae832095459aa06342ff75d64e88e172d86f",
            new PublicKey("ecdsa", "abc"u8.ToArray()).Id);

    [Theory]
    [InlineData("quote\"")]
    [InlineData("back\\slash")]
    [InlineData("")]
    public void A_key_type_is_escaped_as_in_canonical_JSON(string type) =>
        Assert.Equal(
            TestKey.IdOf(type.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal), [1]),
            new PublicKey(type, new byte[] { 1 }).Id);
}
