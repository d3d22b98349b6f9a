using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Trust.Sigstore;

/// <summary>
/// A text that must be there exactly, or a pattern that the whole text must match. Patterns are regular expressions without look-around
/// and back-references, matched in time linear in the text. Immutable, safe for concurrent use.
/// </summary>
public sealed class TextRule
{
    /// <summary>Longest text or pattern, in characters.</summary>
    public const int MaxLength = 1024;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly string _text;
    private readonly Regex? _pattern;

    private TextRule(string text, Regex? pattern)
    {
        _text = text;
        _pattern = pattern;
    }

    /// <param name="problem">Half a sentence that says why it is none.</param>
    public static bool TryExact(string text, [NotNullWhen(true)] out TextRule? rule, [NotNullWhen(false)] out string? problem)
    {
        problem = text.Length is 0 or > MaxLength ? $"must have 1 to {MaxLength} characters" : null;
        rule = problem is null ? new TextRule(text, null) : null;
        return rule is not null;
    }

    /// <param name="pattern">It must match the whole text, whether it has anchors or not.</param>
    /// <param name="problem">Half a sentence that says why it is none.</param>
    public static bool TryPattern(string pattern, [NotNullWhen(true)] out TextRule? rule, [NotNullWhen(false)] out string? problem)
    {
        (rule, problem) = (null, null);
        if (pattern.Length is 0 or > MaxLength)
        {
            problem = $"must have 1 to {MaxLength} characters";
            return false;
        }

        try
        {
            // Alone first: a pattern that closes the group around it, as a)|(b would, is none.
            var alone = new Regex(pattern, Options);
            if (alone.IsMatch(""))
            {
                problem = "matches the empty text, so it says nothing; describe what must be there";
                return false;
            }

            rule = new TextRule(pattern, new Regex($@"\A(?:{pattern})\z", Options));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = "is no regular expression, or one with look-around, back-references or too many states";
            return false;
        }
    }

    public bool Matches(string text) => _pattern is null ? text == _text : _pattern.IsMatch(text);

    /// <summary>Another text for each other rule.</summary>
    public string Key => (_pattern is null ? "=" : "~") + _text;

    /// <summary>The text, or the pattern between slashes.</summary>
    public override string ToString() => _pattern is null ? _text : $"/{_text}/";
}
