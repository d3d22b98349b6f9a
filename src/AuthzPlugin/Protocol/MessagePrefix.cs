using System.Text.Json;

namespace AuthzPlugin.Protocol;

/// <summary>
/// Looks at the beginning of a response-phase message. The engine writes the method before every body (engine-authz.md 1.3), so
/// replies to reads, which can have tens of megabytes, need not be kept.
/// </summary>
internal static class MessagePrefix
{
    /// <summary>How far the method is looked for, in bytes; a message without it till then is read whole.</summary>
    private const int MaxPrefixBytes = 64 * 1024;

    /// <summary>Whether the message is about a request that changes nothing, as far as its beginning shows.</summary>
    public static bool IsAboutRead(ReadOnlyMemory<byte> beginning)
    {
        var span = beginning.Span[..Math.Min(beginning.Length, MaxPrefixBytes)];
        var reader = new Utf8JsonReader(span, isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.PropertyName, CurrentDepth: 1 } && reader.ValueTextEquals("RequestMethod"))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String && IsRead(ref reader);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a text that is half a character: read whole, and answered as unreadable.
            return false;
        }

        return false;
    }

    private static bool IsRead(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("GET") || reader.ValueTextEquals("HEAD") || reader.ValueTextEquals("OPTIONS");
}
