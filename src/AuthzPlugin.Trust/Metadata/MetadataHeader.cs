using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Metadata;

/// <summary>What every signed part has.</summary>
/// <param name="Version">At least 1.</param>
/// <param name="Expires">In UTC. Missing or null reads as the year 1: expired.</param>
internal sealed record MetadataHeader(long Version, DateTimeOffset Expires)
{
    /// <param name="type"><c>Root</c>, <c>Targets</c> (delegations too), <c>Snapshot</c> or <c>Timestamp</c>; exactly.</param>
    /// <exception cref="FormatException">The type is another one, or a value is malformed.</exception>
    internal static MetadataHeader Read(JsonValue signed, string type)
    {
        var found = signed.Get("_type").GetString();
        if (found != type)
        {
            throw new FormatException($"its _type is {UntrustedText.Escape(found)} and not {type}");
        }

        var version = signed.Get("version").GetInt64();
        if (version < 1)
        {
            throw new FormatException($"its version is {version}");
        }

        var expires = signed.FindNotNull("expires") is { } text ? ReadTime(text) : DateTimeOffset.MinValue;
        return new MetadataHeader(version, expires);
    }

    // Go reads a time from the raw text between the quotation marks, so no publisher's own client takes one with escapes.
    private static DateTimeOffset ReadTime(JsonValue text) =>
        text.HasEscapes ? throw new FormatException("a time is written with escapes") : Rfc3339.Parse(text.Utf8);
}
