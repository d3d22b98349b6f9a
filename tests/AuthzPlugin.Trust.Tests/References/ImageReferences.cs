using AuthzPlugin.Trust.References;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Trust.Tests.References;

public sealed class ImageReferences
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("alpine", "docker.io/library/alpine", null, null)]
    [InlineData("alpine:3.20", "docker.io/library/alpine", "3.20", null)]
    [InlineData("user/app", "docker.io/user/app", null, null)]
    [InlineData("docker.io/alpine", "docker.io/library/alpine", null, null)]
    [InlineData("index.docker.io/alpine", "docker.io/library/alpine", null, null)]
    [InlineData("index.docker.io/user/app:1", "docker.io/user/app", "1", null)]
    [InlineData("localhost/app", "localhost/app", null, null)]
    [InlineData("localhost:5000/demo/app:1", "localhost:5000/demo/app", "1", null)]
    [InlineData("registry.example.com/a/b/c", "registry.example.com/a/b/c", null, null)]
    [InlineData("registry:5000/x", "registry:5000/x", null, null)]
    [InlineData("Registry/x", "Registry/x", null, null)]
    [InlineData("[::1]:5000/x:1", "[::1]:5000/x", "1", null)]
    [InlineData("a__b/c-d.e", "docker.io/a__b/c-d.e", null, null)]
    [InlineData("alpine@sha256:" + Hex, "docker.io/library/alpine", null, "sha256:" + Hex)]
    [InlineData("alpine:1@sha256:" + Hex, "docker.io/library/alpine", "1", "sha256:" + Hex)]
    [InlineData("sha256:dead", "docker.io/library/sha256", "dead", null)]
    public void A_name_is_normalised_as_the_engine_does(string text, string repository, string? tag, string? digest)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out var problem), problem);
        var named = Assert.IsType<NamedReference>(reference);
        Assert.Equal(repository, named.Repository.Name);
        Assert.Equal(tag, named.Tag);
        Assert.Equal(digest, named.Digest?.ToString());
    }

    [Theory]
    [InlineData(Hex)]
    [InlineData("sha256:" + Hex)]
    public void Sixty_four_hex_digits_are_an_image_id(string text)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out _));
        Assert.Equal("sha256:" + Hex, Assert.IsType<ImageIdReference>(reference).ToString());
        Assert.False(ImageReferenceParser.TryParseNamed(text, out _, out _) && text == Hex);
    }

    [Theory]
    [InlineData("deadbeef", true)]
    [InlineData("d", true)]
    [InlineData("deadbeef:1", false)]
    [InlineData("x/deadbeef", false)]
    [InlineData("deadbeefg", false)]
    public void Hex_digits_alone_may_be_a_short_id(string text, bool mayBe)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out _));
        Assert.Equal(mayBe, Assert.IsType<NamedReference>(reference).MayBeShortId);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("alpine ")]
    [InlineData("alpine\n")]
    [InlineData("Alpine")]
    [InlineData("registry.example.com/Team/app")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("../etc")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a:")]
    [InlineData("a:-x")]
    [InlineData("a@")]
    [InlineData("a@sha256:dead")]
    [InlineData("a@sha512:" + Hex + Hex)]
    [InlineData("a@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("https://registry.example.com/a")]
    [InlineData("a:1:2")]
    [InlineData("a___b")]
    [InlineData("ａlpine")]
    [InlineData("a\\b")]
    [InlineData("a%2fb")]
    public void What_is_no_reference_is_refused(string text)
    {
        Assert.False(ImageReference.TryParse(text, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Lengths_are_bounded()
    {
        Assert.True(ImageReference.TryParse(new string('a', 200), out _, out _));
        Assert.False(ImageReference.TryParse("registry.example.com/" + new string('a', 240), out _, out _));
        Assert.False(ImageReference.TryParse("a:" + new string('x', 129), out _, out _));
        Assert.False(ImageReference.TryParse(new string('a', 1_000_000), out _, out _));
    }

    [Fact]
    public void Whatever_parses_reads_the_same_when_it_is_written_and_read_again()
    {
        var pieces = Gen.Elements("a", "b1", "localhost", ":5000", "/", ":", "@sha256:" + Hex, ".", "-", "_", "X", "registry.example.com", "latest");
        var texts = pieces.ListOf().Select(p => string.Concat(p));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (!ImageReference.TryParse(text, out var first, out _))
            {
                return true;
            }

            Assert.True(ImageReference.TryParse(first.ToString(), out var second, out _));
            return first.ToString() == second.ToString();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}
