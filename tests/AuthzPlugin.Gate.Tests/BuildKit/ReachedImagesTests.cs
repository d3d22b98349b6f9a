using System.Text;
using AuthzPlugin.Gate.BuildKit;
using AuthzPlugin.Gate.Dockerfiles;

namespace AuthzPlugin.Gate.Tests.BuildKit;

/// <summary>Which images of a Dockerfile a build needs.</summary>
public sealed class ReachedImagesTests
{
    public static TheoryData<string, string, string?, string> Cases => new()
    {
        { "one stage", "FROM a", null, "a" },
        { "the last of two", "FROM a\nFROM b", null, "b" },
        { "the one that is the target", "FROM a AS x\nFROM b AS y", "X", "a" },
        { "a target by number", "FROM a\nFROM b", "0", "a" },
        { "a target that is not there is the builder's to refuse", "FROM a\nFROM b", "z", "b" },
        { "a stage from a stage", "FROM a AS x\nFROM x", null, "a" },
        { "files of a stage", "FROM a AS x\nFROM b\nCOPY --from=x / /", null, "a b" },
        { "files of a stage by number", "FROM a\nFROM b\nCOPY --from=0 / /", null, "a b" },
        { "a mount from a stage", "FROM a AS x\nFROM b\nRUN --mount=from=x,target=/x true", null, "a b" },
        { "files of an image", "FROM a\nCOPY --from=c / /", null, "a c" },
        { "files of an image in a stage that is not reached", "FROM a\nCOPY --from=c / /\nFROM b", null, "b" },
        { "a chain", "FROM a AS x\nFROM b AS y\nCOPY --from=x / /\nFROM scratch\nCOPY --from=y / /", null, "a b" },
        { "a later stage", "FROM a\nCOPY --from=y / /\nFROM b AS y", "0", "a b" },
        { "a stage of the same name wins the later", "FROM a AS x\nFROM b AS x\nFROM x", null, "b" },
        { "a replaced image", "FROM replaced\nCOPY --from=c / /", null, "c" },
        { "a replaced stage", "FROM a AS replaced\nFROM replaced\nCOPY --from=c / /", null, "c" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_a_file(string name, string file, string? target, string images)
    {
        var reading = DockerfileReader.Read(Encoding.ASCII.GetBytes(file + "\n"), DockerfileOptions.Of(BuilderKind.BuildKit));
        Assert.Null(reading.Problem);
        Assert.True(
            images == string.Join(' ', ReachedImages.Of(reading, target, n => n == "replaced").Select(u => u.Reference)),
            $"{name}: {string.Join(' ', ReachedImages.Of(reading, target, n => n == "replaced").Select(u => u.Reference))}");
    }

    public static TheoryData<string, string> Replaced => new()
    {
        { "context:base", "base" },
        { "context:base", "docker.io/library/base:latest" },
        { "context:base", "base:latest" },
        { "context:base:1", "base:1" },
        { "context:base::linux/amd64", "base" },
        { "context:other", "!base" },
        { "context:base", "!base:1" },
        { "build-arg:base", "!base" },
    };

    [Theory]
    [MemberData(nameof(Replaced))]
    public void Named_contexts_stand_in(string attribute, string image)
    {
        var attributes = new BuildAttributes(new Dictionary<string, string> { [attribute] = "x" });
        Assert.Equal(image[0] != '!', attributes.IsReplaced(image.TrimStart('!')));
    }

    [Theory]
    [InlineData("linux/amd64", "linux/amd64 amd64 ")]
    [InlineData("linux/arm64/v8", "linux/arm64 arm64 ")]
    [InlineData("linux/arm", "linux/arm/v7 arm v7")]
    [InlineData("linux/aarch64", "linux/arm64 arm64 ")]
    public void The_frontends_own_arguments(string platform, string expected)
    {
        var arguments = new BuildAttributes(new Dictionary<string, string> { ["platform"] = platform }).Platforms().Single();
        Assert.Equal(expected, $"{arguments["TARGETPLATFORM"]} {arguments["TARGETARCH"]} {arguments["TARGETVARIANT"]}");
    }
}
