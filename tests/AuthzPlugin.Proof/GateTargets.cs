using System.Text;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Proof;

/// <summary>What clients of the gate hand in: heads of requests, and bodies in the chunked coding.</summary>
internal static class GateTargets
{
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "gate-heads",
            Texts(
                "POST /v1.41/containers/create?name=a HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n",
                "POST /build HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\nX-Registry-Config: e30=\r\n\r\n",
                "POST /v1.41/containers/a/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nExpect: 100-continue\r\n\r\n"),
            Head),
        new("gate-chunks", Texts("5\r\nhello\r\n00a\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET /"), Chunks),
    ];

    private static string? Head(byte[] input)
    {
        try
        {
            var head = HeadParser.ParseRequest(input);
            var written = head.ToBytes();
            var again = HeadParser.ParseRequest(written);
            return !again.ToBytes().AsSpan().SequenceEqual(written) ? "a head that is read differently when it is written again"
                : written.AsSpan().IndexOf("\r\n\r\n"u8) != written.Length - 4 ? "a head with an end in it"
                : head.Headers.CountOf("Content-Length") + head.Headers.CountOf("Transfer-Encoding") > 1 ? "a head with two ends of its body"
                : null;
        }
        catch (WireException e)
        {
            return e.Message.All(c => c is >= ' ' and <= '~') ? null : "a message that is not one printable line: " + e.Message;
        }
    }

    /// <summary>At once and byte by byte: the same content, and the same bytes left for the next message.</summary>
    private static string? Chunks(byte[] input) => Scan(input, input.Length) == Scan(input, 1) ? null : "a body that depends on the pieces it comes in";

    private static string Scan(byte[] input, int most)
    {
        var scanner = new ChunkScanner();
        var content = new StringBuilder();
        var position = 0;
        try
        {
            while (position < input.Length && !scanner.IsDone)
            {
                var piece = input.AsSpan(position, Math.Min(most, input.Length - position));
                position += scanner.Scan(piece, out var data);
                content.Append(Convert.ToHexString(piece[data]));
            }
        }
        catch (WireException e)
        {
            // What had come before the mistake was passed on already, so it counts.
            return $"{content} refused: {e.Message}";
        }

        return $"{content} {position} {scanner.IsDone}";
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];
}
