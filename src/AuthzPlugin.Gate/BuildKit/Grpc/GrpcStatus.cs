using System.Globalization;
using System.Text;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.BuildKit.Grpc;

/// <summary>gRPC's status codes, as far as they are used here.</summary>
internal enum GrpcStatusCode
{
    Ok = 0,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}

/// <summary>A call ended with a status other than OK, or has to.</summary>
internal sealed class GrpcException(GrpcStatusCode code, string message) : Exception(message)
{
    public GrpcStatusCode Code { get; } = code;
}

/// <summary>The status at the end of a call.</summary>
internal static class GrpcStatus
{
    /// <summary>Answers a call with nothing but this.</summary>
    public static async Task EndAsync(Http2Stream stream, GrpcStatusCode code, string message, CancellationToken cancellation)
    {
        HeaderField[] headers =
        [
            new(":status", "200"),
            new("content-type", "application/grpc"),
            new("grpc-status", ((int)code).ToString(CultureInfo.InvariantCulture)),
            new("grpc-message", Encode(message)),
        ];
        await stream.SendHeadersAsync(headers, end: true, cancellation).ConfigureAwait(false);
        await stream.ResetAsync(Http2ErrorCode.NoError).ConfigureAwait(false);
    }

    /// <summary>What the peer's last fields say; in the headers when they were all it sent.</summary>
    public static (GrpcStatusCode Code, string Message) Read(IReadOnlyList<HeaderField> headers, IReadOnlyList<HeaderField> trailers)
    {
        var fields = trailers.Count > 0 ? trailers : headers;
        var code = fields.FirstOrDefault(f => f.Name == "grpc-status")?.Value;
        var message = fields.FirstOrDefault(f => f.Name == "grpc-message")?.Value ?? "";
        return int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? ((GrpcStatusCode)number, Uri.UnescapeDataString(message))
            : (GrpcStatusCode.Internal, "the call ended without a status");
    }

    private static string Encode(string message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return text.ToString();
    }
}
