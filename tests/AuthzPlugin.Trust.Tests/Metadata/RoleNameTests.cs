using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Verification;

namespace AuthzPlugin.Trust.Tests.Metadata;

/// <summary>Line 28 of notary-v1.md 7, and what makes a name safe in URLs and paths (line 115).</summary>
public sealed class RoleNameTests
{
    [Theory]
    [InlineData("targets/level1")]
    [InlineData("targets/a/b/c")]
    [InlineData("targets/under_score")]
    [InlineData("targets/hyphen-hyphen")]
    [InlineData("targets/releases")]
    public void L028_delegations(string text)
    {
        Assert.True(RoleName.TryParse(text, out var role));
        Assert.True(role.IsDelegation);
        Assert.Equal(text, role.Text);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("targets")]
    [InlineData("snapshot")]
    [InlineData("timestamp")]
    public void L028_the_four_roles_are_no_delegations(string text)
    {
        Assert.True(RoleName.TryParse(text, out var role));
        Assert.False(role.IsDelegation);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("NotRoot")]
    [InlineData("Root")]
    [InlineData("root/level1")]
    [InlineData("targets/")]
    [InlineData("targets/level1/")]
    [InlineData("targets/UpperCase")]
    [InlineData("targets/x/../../traversal")]
    [InlineData("targets/..")]
    [InlineData("targets///a")]
    [InlineData("targets/./.")]
    [InlineData("targets/with space")]
    [InlineData("targets/back\\slash")]
    [InlineData("targets/line\n")]
    [InlineData("targets/é")]
    [InlineData("targets/%2e%2e")]
    [InlineData("/targets/a")]
    [InlineData("targetsa/b")]
    [InlineData("snapshot/a")]
    public void L028_L033_L115_anything_else_is_no_role(string? text) => Assert.False(RoleName.TryParse(text, out _));

    [Fact]
    public void L028_a_name_has_fewer_than_256_characters()
    {
        var longest = "targets/" + new string('a', RoleName.MaxLength - "targets/".Length);

        Assert.True(RoleName.TryParse(longest, out _));
        Assert.False(RoleName.TryParse(longest + "a", out _));
    }

    [Theory]
    [InlineData("targets/a", "targets", true, true)]
    [InlineData("targets/a/b", "targets", true, false)]
    [InlineData("targets/a/b", "targets/a", true, true)]
    [InlineData("targets/ab", "targets/a", false, false)]
    [InlineData("targets/a", "targets/a", false, false)]
    [InlineData("targets", "targets/a", false, false)]
    public void Being_below_another_role(string role, string parent, bool isUnder, bool isDirect)
    {
        Assert.Equal(isUnder, Loading.Role(role).IsUnder(Loading.Role(parent)));
        Assert.Equal(isDirect, Loading.Role(role).IsDirectChildOf(Loading.Role(parent)));
    }
}
