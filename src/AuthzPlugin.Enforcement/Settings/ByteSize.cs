using System.Globalization;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>Sizes with binary units: <c>512B</c>, <c>64KiB</c>, <c>16MiB</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Factor)[] Units = [("MiB", 1024 * 1024), ("KiB", 1024), ("B", 1)];

    /// <summary>Bytes; null when it is no size. At most seven digits before the unit.</summary>
    public static long? Parse(string text)
    {
        foreach (var (unit, factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                var digits = text.AsSpan(0, text.Length - unit.Length);
                return digits.Length <= 7 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                    ? count * factor
                    : null;
            }
        }

        return null;
    }

    /// <summary>In the largest unit that divides it.</summary>
    public static string Format(long bytes)
    {
        var (unit, factor) = Units.First(u => bytes % u.Factor == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
    }
}
