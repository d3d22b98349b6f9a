using System.Globalization;
using System.Text;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Tests.Json;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2025-08-07T20:36:33.117452-07:00", "2025-08-08T03:36:33.1174520Z")]
    [InlineData("2036-11-19T06:33:03.029714831Z", "2036-11-19T06:33:03.0297148Z")]
    [InlineData("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0000000Z")]
    [InlineData("2026-01-01T00:00:00.1234567899999999999Z", "2026-01-01T00:00:00.1234567Z")]
    [InlineData("2026-01-01T00:00:00.5+05:45", "2025-12-31T18:15:00.5000000Z")]
    [InlineData("2026-01-01T00:00:00-23:59", "2026-01-01T23:59:00.0000000Z")]
    [InlineData("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.0000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void Times_that_publishers_write_are_read(string text, string expected) =>
        Assert.Equal(expected, Rfc3339.Parse(Encoding.ASCII.GetBytes(text)).UtcDateTime.ToString("o", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01 00:00:00Z")]
    [InlineData("2026-01-01t00:00:00Z")]
    [InlineData("2026-01-01T00:00:00z")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01T00:00:00,5Z")]
    [InlineData("2026-01-01T00:00:00.Z")]
    [InlineData("2026-01-01T00:00:60Z")]
    [InlineData("2026-01-01T24:00:00Z")]
    [InlineData("2026-01-01T23:60:00Z")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-00-01T00:00:00Z")]
    [InlineData("2026-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-1-01T00:00:00Z0")]
    [InlineData("2026-01-01T1:00:00Z0")]
    [InlineData("+026-01-01T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00+0000")]
    [InlineData("2026-01-01T00:00:00+24:00")]
    [InlineData("2026-01-01T00:00:00+00:60")]
    [InlineData("2026-01-01T00:00:00Z ")]
    [InlineData("2026-01-01T00:00:00ZZ")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("２026-01-01T00:00:00Z")]
    public void Anything_else_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Rfc3339.Parse(Encoding.UTF8.GetBytes(text)));
}
