using System.Collections.Frozen;
using AuthzPlugin.Trust.Pinning;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Tests.Pins;

public sealed class PinSelection
{
    private static readonly RootPins Pins = new(
    [
        Pin("docker.io/endophage/*", PinKind.RootKeys),
        Pin("docker.io/endophage/b*", PinKind.RootKeys),
        Pin("docker.io/endophage/bar", PinKind.RootKeys),
        Pin("docker.io/endophage/legacy", PinKind.CertIds),
        Pin("docker.io/endophage/legacy*", PinKind.RootKeys),
        Pin("registry.example.com/org*", PinKind.RootKeys),
    ]);

    [Theory]
    [InlineData("L094 no wildcard covers it", "docker.io/library/ubuntu", null)]
    [InlineData("L094 the wildcard", "docker.io/endophage/foo", "docker.io/endophage/*")]
    [InlineData("L094 the longest wildcard alone", "docker.io/endophage/baz", "docker.io/endophage/b*")]
    [InlineData("L093 exact beats wildcard", "docker.io/endophage/bar", "docker.io/endophage/bar")]
    [InlineData("cert-ids beat root-keys", "docker.io/endophage/legacy", "docker.io/endophage/legacy")]
    [InlineData("cert-ids are exact", "docker.io/endophage/legacy2", "docker.io/endophage/legacy*")]
    [InlineData("a prefix without a slash covers more than it seems", "registry.example.com/organisation/x", "registry.example.com/org*")]
    [InlineData("a shorter name is not covered", "registry.example.com/or", null)]
    public void One_entry_decides(string row, string repository, string? pattern)
    {
        Assert.True(ImageReferenceParser.TryParseNamed(repository, out var named, out _), row);
        Assert.Equal(pattern, Pins.Match(named.Repository)?.Pattern);
    }

    private static RootPin Pin(string pattern, PinKind kind) => new(pattern, kind, FrozenSet.Create(new string('a', 64)));
}
