using System.Buffers.Text;

namespace AuthzPlugin.Trust.Json;

/// <summary>
/// Times of metadata (RFC 3339 as Go reads it): <c>2025-08-07T20:36:33.117452-07:00</c>. Upper-case <c>T</c> and <c>Z</c>, seconds 00–59,
/// hours 00–23, any number of fraction digits of which seven count (the rest is cut off, so a time is at most 100 ns early).
/// </summary>
internal static class Rfc3339
{
    private const int MinLength = 20;
    private const int MaxLength = 64;
    private const int FractionDigits = 7;

    /// <summary>The time in UTC.</summary>
    /// <exception cref="FormatException">The text is not such a time.</exception>
    internal static DateTimeOffset Parse(ReadOnlySpan<byte> text) =>
        TryParse(text, out var time) ? time : throw new FormatException("a time is not RFC 3339");

    private static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is < MinLength or > MaxLength
            || !TryDateTime(text[..19], out var local)
            || !TryFraction(text[19..], out var fraction, out var zone)
            || !TryOffset(zone, out var offset))
        {
            return false;
        }

        var ticks = local.Ticks + fraction - offset;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads <c>2025-08-07T20:36:33</c>.</summary>
    private static bool TryDateTime(ReadOnlySpan<byte> text, out DateTime value)
    {
        value = default;
        if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year)
            || !TryNumber(text.Slice(5, 2), out var month)
            || !TryNumber(text.Slice(8, 2), out var day)
            || !TryNumber(text.Slice(11, 2), out var hour)
            || !TryNumber(text.Slice(14, 2), out var minute)
            || !TryNumber(text.Slice(17, 2), out var second))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        value = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return true;
    }

    private static bool TryFraction(ReadOnlySpan<byte> text, out long ticks, out ReadOnlySpan<byte> zone)
    {
        ticks = 0;
        zone = text;
        if (text[0] != '.')
        {
            return true;
        }

        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 1)
        {
            return false;
        }

        for (var i = 0; i < FractionDigits; i++)
        {
            ticks = (ticks * 10) + (i < digits ? text[1 + i] - '0' : 0);
        }

        zone = text[(1 + digits)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<byte> zone, out long ticks)
    {
        ticks = 0;
        if (zone.SequenceEqual("Z"u8))
        {
            return true;
        }

        if (zone.Length != 6 || zone[0] is not ((byte)'+' or (byte)'-') || zone[3] != ':'
            || !TryNumber(zone.Slice(1, 2), out var hours) || !TryNumber(zone.Slice(4, 2), out var minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        ticks = ((hours * 60) + minutes) * TimeSpan.TicksPerMinute * (zone[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out value, out _);
    }
}
