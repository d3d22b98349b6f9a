using System.Text.Json;
using AuthzPlugin.Enforcement.Engine;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>Answers of the gate's own, in the engine's form.</summary>
internal static class GateAnswers
{
    /// <summary>What every refusal begins with; the engine's own for a plugin is "authorization denied by plugin NAME: ".</summary>
    public const string Denied = "authorization denied by content-trust gate: ";

    /// <summary>Head and body of an error as the engine answers one; the client knows where it ends.</summary>
    public static byte[] Error(int status, string message, bool close)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new EngineError { Message = message }, EngineJson.Default.EngineError);
        var headers = new List<HeaderField>
        {
            new("Content-Type", "application/json"),
            new("Content-Length", (body.Length + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
        if (close)
        {
            headers.Add(new HeaderField("Connection", "close"));
        }

        return [.. new ResponseHead(status, ReasonOf(status), new HeaderFields(headers)).ToBytes(), .. body, (byte)'\n'];
    }

    private static string ReasonOf(int status) => status switch
    {
        400 => "Bad Request",
        403 => "Forbidden",
        408 => "Request Timeout",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    };
}
