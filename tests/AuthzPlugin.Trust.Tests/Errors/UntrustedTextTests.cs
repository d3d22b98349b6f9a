using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Trust.Tests.Errors;

public sealed class UntrustedTextTests
{
    [Theory]
    [InlineData("plain ~!", "plain ~!")]
    [InlineData("a\nb\u001b[31m\u007f", "a\\u000ab\\u001b[31m\\u007f")]
    [InlineData("é😀\u202e", "\\u00e9\\ud83d\\ude00\\u202e")]
    public void Only_printable_ASCII_is_shown(string text, string expected) => Assert.Equal(expected, UntrustedText.Escape(text));

    [Fact]
    public void Long_text_is_cut()
    {
        Assert.Equal(new string('a', UntrustedText.MaxLength), UntrustedText.Escape(new string('a', UntrustedText.MaxLength)));
        Assert.Equal(new string('a', UntrustedText.MaxLength) + "...", UntrustedText.Escape(new string('a', UntrustedText.MaxLength + 1)));
    }
}
