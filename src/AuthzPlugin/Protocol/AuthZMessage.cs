using System.Text.Json;
using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Protocol;

/// <summary>
/// The engine's message as it is on the wire (engine-authz.md 1.3). Texts are not base64; byte fields are.
/// Names are exact: Go writes them so. Unknown members are passed over, known ones come once. Its body is gone with it: disposed once
/// the answer was given.
/// </summary>
internal sealed record AuthZMessage : IDisposable
{
    public string? User { get; init; }

    public string? UserAuthNMethod { get; init; }

    public string? RequestMethod { get; init; }

    public string? RequestUri { get; init; }

    public PooledBytes? RequestBody { get; init; }

    public Dictionary<string, string>? RequestHeaders { get; init; }

    public int ResponseStatusCode { get; init; }

    public byte[]? ResponseBody { get; init; }

    /// <summary>Null when the fields that every message has are not there.</summary>
    public AuthZRequest? ToRequest() => string.IsNullOrEmpty(RequestMethod) || string.IsNullOrEmpty(RequestUri)
        ? null
        : new AuthZRequest(RequestMethod, RequestUri, RequestHeaders ?? [], RequestBody?.Memory ?? ReadOnlyMemory<byte>.Empty, User, UserAuthNMethod);

    public void Dispose() => RequestBody?.Dispose();

    /// <summary>Null when the bytes are not such a message.</summary>
    public static AuthZMessage? TryRead(ReadOnlySpan<byte> json)
    {
        try
        {
            return AuthZMessageReader.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is the platform's word for a name that is half a character.
            return null;
        }
    }
}

/// <summary>Our answer. <c>Err</c> is never used: the engine ignores it in a 200 reply.</summary>
internal sealed record AuthZAnswer
{
    [JsonPropertyName("Allow")]
    public required bool Allow { get; init; }

    [JsonPropertyName("Msg")]
    public required string Msg { get; init; }
}

[JsonSerializable(typeof(AuthZAnswer))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
