using AuthzPlugin.Trust.Sigstore;

namespace AuthzPlugin.Trust.Tests.Sigstore;

/// <summary>Texts and patterns match the whole text and nothing less.</summary>
public class TextRuleTests
{
    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "A", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("a.", "ab", false)]
    public void An_exact_text_is_compared_exactly(string rule, string text, bool matches)
    {
        Assert.True(TextRule.TryExact(rule, out var exact, out _));
        Assert.Equal(matches, exact.Matches(text));
    }

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "ba", false)]
    [InlineData("a", "ab", false)]
    [InlineData("a|b", "bc", false)]
    [InlineData("a|ab", "ab", true)]
    [InlineData("a$", "a\n", false)]
    [InlineData("a", "a\n", false)]
    [InlineData("(?m)^a$", "x\na", false)]
    [InlineData("^https://x/.+$", "https://x/y", true)]
    [InlineData("https://x/[^/]+", "https://x/y/z", false)]
    [InlineData("(?x) a # b", "a", false)]
    [InlineData("a.c", "a\nc", false)]
    public void A_pattern_matches_the_whole_text(string rule, string text, bool matches)
    {
        // A comment in a pattern would swallow what follows it: such a pattern is none.
        Assert.Equal(matches, TextRule.TryPattern(rule, out var pattern, out _) && pattern.Matches(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a*")]
    [InlineData("a)|(b")]
    [InlineData("(")]
    [InlineData(@"(a)\1")]
    [InlineData("(?<=a)b")]
    [InlineData("(?>a)b")]
    [InlineData("((a{1,1000}){1,1000}){1,1000}")]
    public void Patterns_that_could_mean_something_else_or_cost_too_much_are_none(string rule)
    {
        Assert.False(TextRule.TryPattern(rule, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Texts_that_are_too_long_are_none()
    {
        Assert.False(TextRule.TryExact(new string('a', TextRule.MaxLength + 1), out _, out _));
        Assert.False(TextRule.TryPattern(new string('a', TextRule.MaxLength + 1), out _, out _));
    }

    [Fact]
    public void A_text_and_a_pattern_of_one_spelling_are_two_rules()
    {
        Assert.True(TextRule.TryExact("a", out var exact, out _));
        Assert.True(TextRule.TryPattern("a", out var pattern, out _));
        Assert.NotEqual(exact.Key, pattern.Key);
    }
}
