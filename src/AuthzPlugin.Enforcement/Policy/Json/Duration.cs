using System.Globalization;
using System.Text.RegularExpressions;

namespace AuthzPlugin.Enforcement.Policy.Json;

/// <summary>
/// Durations as Go programs write them, in whole numbers: <c>72h</c>, <c>1h30m</c>, <c>250ms</c>; <c>0</c> needs no unit.
/// </summary>
internal static partial class Duration
{
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        var match = Form().Match(text);
        return match.Success && text.Length > 0
            ? TimeSpan.FromSeconds((((Part(match, "h") * 60) + Part(match, "m")) * 60) + Part(match, "s"), Part(match, "ms"))
            : null;
    }

    public static string Format(TimeSpan value)
    {
        var parts = new (long Count, string Unit)[]
        {
            ((long)value.TotalHours, "h"), (value.Minutes, "m"), (value.Seconds, "s"), (value.Milliseconds, "ms"),
        };
        var text = string.Concat(parts.Where(p => p.Count != 0).Select(p => p.Count.ToString(CultureInfo.InvariantCulture) + p.Unit));
        return text.Length == 0 ? "0s" : text;
    }

    private static long Part(Match match, string unit) =>
        match.Groups[unit].Success ? long.Parse(match.Groups[unit].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    // Seven digits: none of the sums can overflow.
    [GeneratedRegex(
        @"\A(?:(?<h>[0-9]{1,7})h)?(?:(?<m>[0-9]{1,7})m)?(?:(?<s>[0-9]{1,7})s)?(?:(?<ms>[0-9]{1,7})ms)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
