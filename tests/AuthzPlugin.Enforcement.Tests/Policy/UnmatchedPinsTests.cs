using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public sealed class UnmatchedPinsTests
{
    private static RootPin Pin(string pattern, PinKind kind = PinKind.RootKeys) =>
        new(pattern, kind, new[] { new string('a', 64) }.ToFrozenSet(StringComparer.Ordinal));

    [Theory]
    [InlineData("nothing is known", "", "registry.example.com/team/*,registry.example.com/team/app,registry.example.com/old")]
    [InlineData("the exact pin decides", "registry.example.com/team/app", "registry.example.com/team/*,registry.example.com/old")]
    [InlineData("the wildcard decides", "registry.example.com/team/other", "registry.example.com/team/app,registry.example.com/old")]
    [InlineData("all are used", "registry.example.com/team/other,registry.example.com/team/app,registry.example.com/old", "")]
    [InlineData("what is no name is passed over", "<none>@sha256:0,registry.example.com/team/app", "registry.example.com/team/*,registry.example.com/old")]
    public void A_pin_that_decides_for_nothing_is_a_warning(string row, string known, string expected)
    {
        var policy = new TrustPolicy
        {
            Mode = EnforcementMode.Enforced,
            Pins = new RootPins([Pin("registry.example.com/team/*"), Pin("registry.example.com/team/app"), Pin("registry.example.com/old", PinKind.CertIds)]),
            TrustServers = new TrustServers([]),
            Fingerprint = new string('0', 64),
        };

        var found = UnmatchedPins.Of(policy, known.Split(',', StringSplitOptions.RemoveEmptyEntries));

        var patterns = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(found.Count == patterns.Length, row);
        Assert.All(patterns.Zip(found), pair => Assert.StartsWith($"\"{pair.First}\",", pair.Second.Found, StringComparison.Ordinal));
    }
}
