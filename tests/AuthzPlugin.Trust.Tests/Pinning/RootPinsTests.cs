using System.Collections.Frozen;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Pinning;

/// <summary>Lines 89 and 92 to 94 of notary-v1.md 7: which entry of the policy decides.</summary>
public sealed class RootPinsTests
{
    [Theory]
    [InlineData("L094 exact", "docker.io/endophage/exact", "docker.io/endophage/exact")]
    [InlineData("L094 the longest wildcard", "docker.io/endophage/bar", "docker.io/endophage/b*")]
    [InlineData("L094 another wildcard", "docker.io/endophage/foo", "docker.io/endophage/*")]
    [InlineData("L093 an exact certificate entry beats all", "docker.io/endophage/both", "docker.io/endophage/both")]
    [InlineData("L089 L092 no entry", "docker.io/library/ubuntu", null)]
    [InlineData("a wildcard covers its own prefix only", "docker.io/endophag/foo", null)]
    public void One_entry_decides(string name, string repository, string? pattern)
    {
        var pins = new RootPins(
        [
            Pin("docker.io/other/ubuntu", PinKind.RootKeys, "1"),
            Pin("docker.io/endophage/*", PinKind.RootKeys, "2"),
            Pin("docker.io/endophage/b*", PinKind.RootKeys, "3"),
            Pin("docker.io/endophage/exact", PinKind.RootKeys, "4"),
            Pin("docker.io/endophage/both", PinKind.RootKeys, "5"),
            Pin("docker.io/endophage/both", PinKind.CertIds, "6"),
        ]);

        var pin = pins.Match(Repository(repository));

        Assert.True(pin?.Pattern == pattern, name);
        Assert.True(repository != "docker.io/endophage/both" || pin!.Kind == PinKind.CertIds, name);
    }

    [Fact]
    public void L094_lists_are_never_merged()
    {
        var pins = new RootPins([Pin("a.example.com/*", PinKind.RootKeys, "1"), Pin("a.example.com/b*", PinKind.RootKeys, "2")]);

        Assert.Equal(["2"], pins.Match(Repository("a.example.com/b"))!.Ids);
    }

    private static RootPin Pin(string pattern, PinKind kind, params string[] ids) => new(pattern, kind, ids.ToFrozenSet(StringComparer.Ordinal));

    private static RepositoryName Repository(string name) =>
        ImageReferenceParser.TryParseNamed(name, out var reference, out _) ? reference.Repository : throw new ArgumentException(name);
}
