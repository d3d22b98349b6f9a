using System.Globalization;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>Times for people: <c>45 s</c>, <c>12 min</c>, <c>72 h</c>, <c>9 d</c>.</summary>
internal static class Durations
{
    public static string Text(TimeSpan time) => time switch
    {
        _ when time < TimeSpan.FromMinutes(2) => Format(time.TotalSeconds, "s"),
        _ when time < TimeSpan.FromHours(2) => Format(time.TotalMinutes, "min"),
        _ when time <= TimeSpan.FromHours(96) => Format(time.TotalHours, "h"),
        _ => Format(time.TotalDays, "d"),
    };

    private static string Format(double value, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value)} {unit}");
}
